{#
    Plays per country, track and artist, in the windows of the charts: minutes m with T - window <= m < T, where T, charts_at
    rounded up to a minute, is their common end.
-#}
with plays as (
    select
        track_id,
        artist_id,
        country,
        floor(played_ms / 60000) as minute_no
    from {{ ref('silver_plays') }}
),

ends as (
    select
    {%- if var('charts_at') is none %}
            max(minute_no) + 1 as minute_no
        from plays
    {%- else %}
        ceil({{ epoch_ms("cast('" ~ var('charts_at') ~ "' as timestamp)") }} / 60000) as minute_no
        {%- endif %}
)

select
    plays.country,
    plays.track_id,
    plays.artist_id,
    count(*) as plays_all,
    count(case when plays.minute_no >= ends.minute_no - 10080 then 1 end) as plays_week,
    count(case when plays.minute_no >= ends.minute_no - 1440 then 1 end) as plays_day,
    count(case when plays.minute_no >= ends.minute_no - 60 then 1 end) as plays_hour
from plays
cross join ends
where plays.minute_no < ends.minute_no
group by plays.country, plays.track_id, plays.artist_id
