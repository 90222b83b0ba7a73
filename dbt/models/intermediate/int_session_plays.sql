{#
    The plays that count for co-occurrence: the first 500 of each session, with whole numbers for sessions and tracks, which
    make the joins over pairs cheap. track_no is in the order of the track ids.
-#}
with plays as (
    select
        user_id,
        session_number,
        session_position,
        track_id,
        played_ms
    from {{ ref('silver_plays') }}
    where session_position <= 500
),

sessions as (
    select
        user_id,
        session_number,
        row_number() over (order by user_id, session_number) as session_no
    from plays
    where session_position = 1
),

tracks as (
    select
        track_id,
        row_number() over (order by track_id) as track_no
    from plays
    group by track_id
),

numbered as (
    select
        cast(sessions.session_no as integer) as session_no,
        cast(plays.session_position as integer) as position_no,
        cast(tracks.track_no as integer) as track_no,
        plays.track_id,
        {{ decay('plays.played_ms') }} as g
    from plays
    inner join sessions
        on plays.user_id = sessions.user_id and plays.session_number = sessions.session_number
    inner join tracks on plays.track_id = tracks.track_id
)

select
    session_no,
    position_no,
    track_no,
    track_id,
    g,
    lag(position_no) over (partition by session_no, track_no order by position_no) is null as is_first,
    lead(position_no) over (partition by session_no, track_no order by position_no) as next_position_no
from numbered
