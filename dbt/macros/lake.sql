{# The lake's tables and their columns: the Avro record's fields, then where the record stood. #}
{% macro lake_columns(table) %}
    {%- set origin = [
        ['topic', 'varchar'], ['partition', 'integer'], ['offset', 'bigint'], ['record_time', 'timestamptz'], ['schema_id', 'integer']
    ] -%}
    {%- if table == 'undecodable' -%}
        {{ return([['key', 'blob'], ['value', 'blob'], ['reason', 'varchar']] + origin) }}
    {%- endif -%}
    {%- set own = {
        'spotify_plays': [], 'spotify_skips': [], 'spotify_likes': [['liked', 'boolean']], 'spotify_events': [['event_type', 'varchar']]
    }[table] -%}
    {{ return([
        ['event_id', 'varchar'], ['user_id', 'varchar'], ['track_id', 'varchar'], ['track_name', 'varchar'],
        ['artist_id', 'varchar'], ['artist_name', 'varchar'], ['album_name', 'varchar'], ['occurred_at', 'timestamptz'],
        ['duration_ms', 'bigint'], ['ms_played', 'bigint'], ['device_type', 'varchar'], ['country', 'varchar'], ['source', 'varchar']
    ] + own + origin) }}
{% endmacro %}

{# The tables of schema bronze and the lake's tables behind them. On Snowflake they are external tables of the same names. #}
{% macro bronze_tables() %}
    {{ return({
        'raw_plays': 'spotify_plays', 'raw_skips': 'spotify_skips', 'raw_likes': 'spotify_likes', 'raw_events': 'spotify_events',
        'raw_undecodable': 'undecodable'
    }) }}
{% endmacro %}

{#
    Schema bronze on DuckDB: views over the lake's files. While dbt runs they name the files of one listing, so that all models
    and tests see the same rows; afterwards they list the files anew in each query.
#}
{% macro create_bronze(snapshot) %}
    {%- if execute and target.type == 'duckdb' -%}
        {%- do run_query('create schema if not exists bronze') -%}
        {%- for view, table in bronze_tables().items() -%}
            {%- do run_query('create or replace view bronze.' ~ view ~ ' as ' ~ lake_select(table, snapshot)) -%}
        {%- endfor -%}
    {%- endif -%}
{% endmacro %}

{# The files of a table that others replace: same hour and partition, offsets spanned by a wider one or by a later revision (docs/lake.md). #}
{% macro replaced_files(files) %}
    with found as (
        select
            file,
            regexp_extract(
                file,
                '^(.*)/((?:[^/]*-)?\d+)-(\d{14})-(\d{14})(?:-(\d{4}))?\.parquet$',
                ['hour', 'part', 'low', 'high', 'revision']
            ) as name
        from glob({{ files }})
    )

    select one.file
    from found as one
    inner join found as other
        on
            one.name.hour = other.name.hour
            and one.name.part = other.name.part
            and one.file <> other.file
            and one.name.low >= other.name.low
            and one.name.high <= other.name.high
            and (
                one.name.low > other.name.low
                or one.name.high < other.name.high
                or one.name.revision < other.name.revision
            )
{% endmacro %}

{# A select over the files of a table; one of no rows while there is no file yet. #}
{% macro lake_select(table, snapshot) %}
    {%- set pattern = "'" ~ (env_var('SEGUE_LAKE') ~ '/bronze/' ~ table ~ '/*/*/*/*/*.parquet') | replace("'", "''") ~ "'" -%}
    {%- set listed = run_query(
        'select file from glob(' ~ pattern ~ ') where file not in (' ~ replaced_files(pattern) ~ ') order by file'
    ).columns[0].values() -%}
    {%- set files = [] -%}
    {%- for file in listed -%} {%- do files.append("'" ~ file | replace("'", "''") ~ "'") -%} {%- endfor -%}
    {%- set renamed = {'partition': 'topic_partition', 'offset': 'topic_offset'} -%}
    {%- set columns = [] -%}
    {%- for name, type in lake_columns(table) -%}
        {%- set value = '"' ~ name ~ '"' if files else 'cast(null as ' ~ type ~ ')' -%}
        {%- set value = value ~ " at time zone 'UTC'" if type == 'timestamptz' else value -%}
        {%- do columns.append(value ~ ' as ' ~ renamed.get(name, name)) -%}
        {%- if table == 'spotify_plays' and name == 'occurred_at' -%} {%- do columns.append(value ~ ' as played_at') -%} {%- endif -%}
    {%- endfor %}
select
    {{ columns | join(',\n    ') }},
    {% if files -%}
    cast(year || '-' || month || '-' || day as date) as ingested_on
from read_parquet(
    {{ '[' ~ files | join(', ') ~ ']' if snapshot else pattern }},
    union_by_name = true,
    hive_types = {'year': varchar, 'month': varchar, 'day': varchar, 'hour': varchar}
)
    {%- if not snapshot %}
where filename not in ({{ replaced_files(pattern) }})
    {%- endif %}
    {%- else -%}
    cast(null as date) as ingested_on
where false
    {%- endif %}
{% endmacro %}

{# Each record once: external tables list a merged file of the lake beside those it replaces. The views on DuckDB do not. #}
{% macro once_each() %}{{ adapter.dispatch('once_each')() }}{% endmacro %}
{% macro default__once_each() %}{% endmacro %}
{% macro snowflake__once_each() -%}
    qualify row_number() over (
        partition by records.topic, records.topic_partition, records.topic_offset order by records.ingested_on
    ) = 1
{%- endmacro %}
