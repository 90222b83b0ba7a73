{# Everything that was played, in one row. #}
{{ config(post_hook="{{ export_gold(this) }}") }}
select
    count(*) as plays,
    count(distinct track_id) as tracks,
    count(distinct artist_id) as artists,
    count(distinct user_id) as listeners,
    cast(coalesce(sum(listening_ms), 0) as bigint) as listening_ms,
    cast(min(played_at) as timestamp) as first_play_at,
    cast(max(played_at) as timestamp) as last_play_at
from {{ ref('silver_plays') }}
