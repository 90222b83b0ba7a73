{# Every record of bronze below the cut was checked, and every checked one is accepted, a copy of an accepted one, or rejected. #}
with received as (
    {% for table in ['raw_plays', 'raw_skips', 'raw_likes', 'raw_events', 'raw_undecodable'] %}
        select count(distinct concat(topic, ':', topic_partition, ':', topic_offset)) as records
        from {{ source('bronze', table) }}
        where {{ below_cut() }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

counts as (
    select
        (select sum(records) from received) as received,
        (
            select count(*) from {{ ref('checked_events') }}
            where {{ below_cut() }}
        ) as checked,
        (select coalesce(sum(copies), 0) from {{ ref('listening_events') }}) as accepted_with_copies,
        (select count(*) from {{ ref('rejected_events') }}) as rejected
)

select *
from counts
where received <> checked or checked <> accepted_with_copies + rejected
