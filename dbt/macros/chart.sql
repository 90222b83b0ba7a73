{# A leaderboard over the chart's windows: kind is track or artist; by_country gives one for each country. #}
{% macro chart(kind, by_country=false) %}
{%- set id = kind ~ '_id' -%}
{%- set dimension = 'country, ' if by_country else '' -%}
with counts as (
    {% for window in ['hour', 'day', 'week', 'all'] %}
    select
        '{{ window }}' as chart_window,
        {{ dimension }}{{ id }},
        sum(plays_{{ window }}) as plays
    from {{ ref('int_chart_plays') }}
    where plays_{{ window }} > 0{{ ' and country is not null' if by_country }}
    group by {{ dimension }}{{ id }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

ranked as (
    select
        counts.*,
        row_number() over (partition by chart_window{{ ', country' if by_country }} order by plays desc, {{ id }}) as chart_rank
    from counts
)

select
    ranked.chart_window,
    {{ 'ranked.country,' if by_country }}
    cast(ranked.chart_rank as integer) as chart_rank,
    ranked.{{ id }},
    named.{{ kind }}_name,
    {% if kind == 'track' %}
    named.artist_id,
    named.artist_name,
    {% endif %}
    cast(ranked.plays as bigint) as plays
from ranked
inner join {{ ref(kind ~ 's') }} as named on ranked.{{ id }} = named.{{ id }}
where ranked.chart_rank <= {{ var('chart_length') }}
{% endmacro %}
