{# Per device type. #}
{{ config(post_hook="{{ export_gold(this) }}") }}
select
    device_type,
    count(*) as plays,
    cast(sum(listening_ms) as bigint) as listening_ms,
    count(distinct user_id) as listeners,
    cast(count(*) as double) / sum(cast(count(*) as double)) over () as share_of_plays
from {{ ref('silver_plays') }}
group by device_type
