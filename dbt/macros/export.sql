{#
    A copy of a gold table as Parquet beside the DuckDB file, in <warehouse>.gold: the page reads it, and never has to wait for the
    file that dbt writes. DuckDB renames the copy into its place when it is whole. On Snowflake the page asks for the table itself.
#}
{% macro export_gold(relation) %}
    {%- if execute and target.type == 'duckdb' -%}
        copy (select * from {{ relation }}) to '{{ target.path }}.gold/{{ relation.identifier }}.parquet' (format parquet)
    {%- endif -%}
{% endmacro %}
