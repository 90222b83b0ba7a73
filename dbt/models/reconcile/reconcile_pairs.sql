select
    track_id,
    other_track_id,
    together,
    weight
from {{ ref('track_cooccurrence') }}
