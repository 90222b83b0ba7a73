select
    track_id,
    track_name,
    artist_id,
    plays,
    sessions,
    n
from {{ ref('tracks') }}
