{#
    Accepted plays with the session they belong to: neighbours at most 60 minutes apart are in one. Sessions are numbered per
    listener, from 1 in order of time; so are the plays in a session.
-#}
with plays as (
    select
        listening_events.*,
        row_number() over (partition by user_id order by occurred_ms, track_id) as play_number,
        lag(occurred_ms) over (partition by user_id order by occurred_ms, track_id) as previous_ms
    from {{ ref('listening_events') }} as listening_events
    where event_type = 'play'
),

begun as (
    select
        plays.*,
        case when occurred_ms - previous_ms <= 3600000 then null else play_number end as begins_at
    from plays
),

numbered as (
    select
        begun.*,
        count(begins_at) over (
            partition by user_id order by play_number rows between unbounded preceding and current row
        ) as session_number,
        max(begins_at) over (
            partition by user_id order by play_number rows between unbounded preceding and current row
        ) as session_begins_at
    from begun
)

select
    event_id,
    user_id,
    track_id,
    track_name,
    artist_id,
    artist_name,
    album_name,
    occurred_at as played_at,
    occurred_ms as played_ms,
    duration_ms,
    ms_played,
    {{ listening_ms() }} as listening_ms,
    device_type,
    country,
    source,
    session_number,
    play_number - session_begins_at + 1 as session_position
from numbered
