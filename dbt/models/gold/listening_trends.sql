{# Plays, listening time and listeners per UTC hour and per UTC day. #}
{{ config(post_hook="{{ export_gold(this) }}") }}
{% for period in ['hour', 'day'] %}
    select
        '{{ period }}' as period,
        cast({{ dbt.date_trunc(period, 'played_at') }} as timestamp) as period_start,
        count(*) as plays,
        cast(sum(listening_ms) as bigint) as listening_ms,
        count(distinct user_id) as listeners
    from {{ ref('silver_plays') }}
    group by cast({{ dbt.date_trunc(period, 'played_at') }} as timestamp)
    {% if not loop.last %}union all{% endif %}
{% endfor %}
