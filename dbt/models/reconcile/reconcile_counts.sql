select
    'accepted' as kind,
    event_type as name,
    count(*) as value
from {{ ref('listening_events') }}
group by event_type
union all
select
    'rejected' as kind,
    rejection as name,
    count(*) as value
from {{ ref('rejected_events') }}
group by rejection
union all
select
    'duplicates' as kind,
    'duplicates' as name,
    cast(coalesce(sum(copies - 1), 0) as bigint) as value
from {{ ref('listening_events') }}
union all
select
    'sessions' as kind,
    'sessions' as name,
    count(*) as value
from {{ ref('silver_plays') }}
where session_position = 1
