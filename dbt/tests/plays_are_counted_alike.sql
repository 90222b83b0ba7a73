{# What different models say of the number of plays and of listening time agrees. #}
with counts as (
    select
        (select count(*) from {{ ref('silver_plays') }}) as plays,
        (select coalesce(sum(plays), 0) from {{ ref('tracks') }}) as by_track,
        (select coalesce(sum(plays), 0) from {{ ref('artists') }}) as by_artist,
        (select coalesce(sum(plays), 0) from {{ ref('daily_user_stats') }}) as by_user_and_day,
        (select coalesce(sum(plays), 0) from {{ ref('device_usage') }}) as by_device,
        (select coalesce(sum(plays), 0) from {{ ref('user_engagement') }}) as by_user,
        (select plays from {{ ref('overview') }}) as in_overview,
        (select listening_ms from {{ ref('overview') }}) as ms_in_overview,
        (
            select coalesce(sum(plays), 0) from {{ ref('listening_trends') }}
            where period = 'hour'
        ) as by_hour,
        (
            select coalesce(sum(listening_ms), 0) from {{ ref('listening_trends') }}
            where period = 'hour'
        ) as ms_by_hour,
        (
            select coalesce(sum(listening_ms), 0) from {{ ref('listening_trends') }}
            where period = 'day'
        ) as ms_by_day
)

select *
from counts
where
    plays <> by_track
    or plays <> by_artist
    or plays <> by_user_and_day
    or plays <> by_device
    or plays <> by_user
    or plays <> in_overview
    or ms_in_overview <> ms_by_hour
    or plays <> by_hour
    or ms_by_hour <> ms_by_day
