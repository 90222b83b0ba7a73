{# The last 24 hours brought at least half of what a day of the week before brought on average. #}
with counts as (
    select
        count(case when record_ms > now_ms - 86400000 then 1 end) as last_day,
        count(case when record_ms <= now_ms - 86400000 then 1 end) / 7.0 as mean_day
    from (
        select
            {{ epoch_ms('record_time') }} as record_ms,
            {{ (run_started_at.timestamp() * 1000) | int }} as now_ms
        from {{ ref('checked_events') }}
    ) as records
    where record_ms > now_ms - 8 * 86400000
)

select *
from counts
where last_day < 0.5 * mean_day
