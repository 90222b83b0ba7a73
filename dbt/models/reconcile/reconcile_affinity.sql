select
    user_id,
    artist_id,
    a,
    affinity,
    plays,
    events,
    as_of,
    affinity_rank
from {{ ref('artist_affinity') }}
