{# Each played track: name and artist of its latest event of any type (then greatest name), its plays, sessions(a) and N(a). #}
with names as (
    select
        track_id,
        track_name,
        artist_id,
        max(occurred_ms) as latest_ms,
        count(case when event_type = 'play' then 1 end) as plays
    from {{ ref('listening_events') }}
    group by track_id, track_name, artist_id
),

ranked as (
    select
        names.*,
        row_number() over (partition by track_id order by latest_ms desc, track_name desc, artist_id desc) as recency,
        sum(plays) over (partition by track_id) as all_plays
    from names
),

sums as (
    select
        track_id,
        count(case when is_first then 1 end) as sessions,
        sum({{ q('g') }}) as n
    from {{ ref('int_session_plays') }}
    group by track_id
)

select
    ranked.track_id,
    ranked.track_name,
    ranked.artist_id,
    artists.artist_name,
    cast(ranked.all_plays as bigint) as plays,
    coalesce(sums.sessions, 0) as sessions,
    coalesce(sums.n, cast(0 as double)) as n
from ranked
inner join {{ ref('artists') }} as artists on ranked.artist_id = artists.artist_id
left join sums on ranked.track_id = sums.track_id
where ranked.recency = 1 and ranked.all_plays > 0
