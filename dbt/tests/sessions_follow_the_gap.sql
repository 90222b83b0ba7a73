{# Within a session no play is more than 60 minutes after the one before it; between sessions each one is. #}
with steps as (
    select
        user_id,
        played_ms,
        session_number,
        played_ms - lag(played_ms) over (partition by user_id order by played_ms, track_id) as gap_ms,
        session_number - lag(session_number) over (partition by user_id order by played_ms, track_id) as step
    from {{ ref('silver_plays') }}
)

select *
from steps
where step is not null and (step not in (0, 1) or (step = 0 and gap_ms > 3600000) or (step = 1 and gap_ms <= 3600000))
