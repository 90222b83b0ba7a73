{# Each artist under the name of the latest event of any type (then the greatest name), with its plays. #}
with names as (
    select
        artist_id,
        artist_name,
        max(occurred_ms) as latest_ms,
        count(case when event_type = 'play' then 1 end) as plays
    from {{ ref('listening_events') }}
    group by artist_id, artist_name
),

ranked as (
    select
        names.*,
        row_number() over (partition by artist_id order by latest_ms desc, artist_name desc) as recency,
        sum(plays) over (partition by artist_id) as all_plays
    from names
)

select
    artist_id,
    artist_name,
    cast(all_plays as bigint) as plays
from ranked
where recency = 1
