{# How much, how often and how attentively each listener listens. #}
with events as (
    select
        user_id,
        min(occurred_at) as first_event_at,
        max(occurred_at) as last_event_at,
        count(distinct cast(occurred_at as date)) as active_days,
        count(case when event_type = 'play' then 1 end) as plays,
        count(case when event_type = 'skip' then 1 end) as skips,
        count(case when event_type = 'like' then 1 end) as likes
    from {{ ref('listening_events') }}
    group by user_id
),

plays as (
    select
        user_id,
        max(session_number) as sessions,
        sum(listening_ms) as listening_ms,
        count(distinct track_id) as distinct_tracks,
        count(distinct artist_id) as distinct_artists
    from {{ ref('silver_plays') }}
    group by user_id
)

select
    events.user_id,
    events.first_event_at,
    events.last_event_at,
    events.active_days,
    events.plays,
    events.skips,
    events.likes,
    coalesce(plays.sessions, 0) as sessions,
    cast(coalesce(plays.listening_ms, 0) as bigint) as listening_ms,
    coalesce(plays.distinct_tracks, 0) as distinct_tracks,
    coalesce(plays.distinct_artists, 0) as distinct_artists,
    cast(events.skips as double) / nullif(cast(events.plays + events.skips as double), 0) as skip_rate,
    cast(events.plays as double) / nullif(cast(plays.sessions as double), 0) as plays_per_session
from events
left join plays on events.user_id = plays.user_id
