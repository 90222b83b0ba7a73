{# The tables of bronze that hold events, and what the topic, or the record, says of their type. #}
{% macro event_tables() %}{{ return(['raw_plays', 'raw_skips', 'raw_likes', 'raw_events']) }}{% endmacro %}

{% macro received_type(table) -%}
{%- if table == 'raw_plays' -%} 'play'
{%- elif table == 'raw_skips' -%} 'skip'
{%- elif table == 'raw_likes' -%} case when liked then 'like' else 'unlike' end
{%- else -%} cast(event_type as varchar)
{%- endif -%}
{%- endmacro %}

{# Over 128 bytes of UTF-8, or with a control character. #}
{% macro is_bad_id(id) %}({{ byte_length(id) }} > 128 or {{ has_control_character(id) }}){% endmacro %}

{# Ingested on one of the days, both inclusive, that backfill_from and backfill_to name. #}
{% macro is_backfilled(day) -%}
{%- if var('backfill_from') is none -%} false
{%- else -%} {{ day }} between cast('{{ var("backfill_from") }}' as date) and cast('{{ var("backfill_to") }}' as date)
{%- endif -%}
{%- endmacro %}
