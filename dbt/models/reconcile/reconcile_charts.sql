{%- for kind in ['track', 'artist'] %}
    {%- for country in ['country', 'null'] %}
        select
            '{{ kind }}s' as kind,
            cast({{ country }} as varchar) as country,
            {{ kind }}_id as id,
            cast(sum(plays_all) as bigint) as plays
        from {{ ref('int_chart_plays') }}
        {{ 'where country is not null' if country == 'country' }}
        group by {{ 'country, ' if country == 'country' }}{{ kind }}_id
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
    {% if not loop.last %}union all{% endif %}
{% endfor %}
