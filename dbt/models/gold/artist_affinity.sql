{#
    A(u, a) at T_u, the latest of the listener's accepted events, and the affinity in [0, 1] (semantics.md, section 5). All
    artists; the processors publish those of affinity_rank <= 50.
-#}
with events as (
    select
        user_id,
        artist_id,
        event_type,
        {{ affinity_weight('event_type') }} as weight,
        occurred_ms
    from {{ ref('listening_events') }}
),

latest as (
    select
        user_id,
        max(occurred_ms) as as_of_ms
    from events
    group by user_id
),

sums as (
    select
        events.user_id,
        events.artist_id,
        latest.as_of_ms,
        sum(
            cast(events.weight as double)
            * pow(cast(2 as double), cast(events.occurred_ms - latest.as_of_ms as double) / cast(7776000000 as double))
        ) as a,
        count(case when events.event_type = 'play' then 1 end) as plays,
        count(*) as events
    from events
    inner join latest on events.user_id = latest.user_id
    where events.weight is not null
    group by events.user_id, events.artist_id, latest.as_of_ms
),

highest as (
    select
        sums.*,
        greatest(a, cast(0 as double)) as positive_a,
        max(greatest(a, cast(0 as double))) over (partition by user_id) as greatest_a
    from sums
),

affinities as (
    select
        highest.*,
        case
            when greatest_a > 0 then ({{ log1p('positive_a') }}) / ({{ log1p('greatest_a') }})
            else cast(0 as double)
        end as affinity
    from highest
)

select
    affinities.user_id,
    affinities.artist_id,
    affinities.a,
    affinities.affinity,
    affinities.plays,
    affinities.events,
    {{ from_epoch_ms('affinities.as_of_ms') }} as as_of,
    row_number() over (
        partition by affinities.user_id order by affinities.affinity desc, affinities.artist_id asc
    ) as affinity_rank
from affinities
