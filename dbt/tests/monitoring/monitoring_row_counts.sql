{# Silver has at least 95 % of bronze's records, and of each accepted type it has exactly the events that were accepted. #}
with bronze as (
    select count(*) as records
    from {{ ref('spotify_events') }}
),

silver as (
    select count(*) as records
    from {{ ref('spotify_events_clean') }}
),

accepted as (
    select
        event_type,
        count(*) as records
    from {{ ref('checked_events') }}
    where rejection is null
    group by event_type
),

counted as (
    select
        event_type,
        sum(copies) as records
    from {{ ref('listening_events') }}
    group by event_type
)

select
    'all' as event_type,
    bronze.records as expected,
    silver.records as found
from bronze
cross join silver
where silver.records < 0.95 * bronze.records
union all
select
    accepted.event_type,
    accepted.records as expected,
    coalesce(counted.records, 0) as found
from accepted
left join counted on accepted.event_type = counted.event_type
where accepted.records <> coalesce(counted.records, 0)
