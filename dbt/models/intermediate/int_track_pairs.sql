{# together and W of semantics.md, section 4, one row per unordered pair: a is before b in the order of the track ids. #}
with plays as (
    select * from {{ ref('int_session_plays') }}
),

follows as (
    {{ predecessors('plays') }}
),

contributions as (
    select
        least(earlier_no, later_no) as a_no,
        greatest(earlier_no, later_no) as b_no,
        0 as together,
        case when earlier_no < later_no then {{ q('g / k') }} else {{ q('cast(0.3 as double) * g / k') }} end as weight_ab,
        case when earlier_no < later_no then {{ q('cast(0.3 as double) * g / k') }} else {{ q('g / k') }} end as weight_ba
    from follows
    union all
    select
        one.track_no as a_no,
        other.track_no as b_no,
        1 as together,
        cast(0 as double) as weight_ab,
        cast(0 as double) as weight_ba
    from plays as one
    inner join plays as other on one.session_no = other.session_no and one.track_no < other.track_no
    where one.is_first and other.is_first
)

select
    a_no,
    b_no,
    cast(sum(together) as bigint) as together,
    sum(weight_ab) as weight_ab,
    sum(weight_ba) as weight_ba
from contributions
group by a_no, b_no
