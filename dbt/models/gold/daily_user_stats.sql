{# Per listener and UTC day. #}
select
    user_id,
    cast(played_at as date) as played_on,
    count(*) as plays,
    cast(sum(listening_ms) as bigint) as listening_ms,
    count(distinct track_id) as distinct_tracks,
    count(distinct artist_id) as distinct_artists
from {{ ref('silver_plays') }}
group by user_id, cast(played_at as date)
