{#
    What is left of records that bronze no longer has: they were erased from the lake (docs/lake.md). Deleted before an increment is
    read, so that the table is what a full refresh would make of it.
#}
{% macro forget_erased() %}
    {%- if is_incremental() -%}
delete from {{ this }}
where not exists (
    select 1
    from (
        {% for table in bronze_tables() %}
        select topic, topic_partition, topic_offset from {{ source('bronze', table) }}
        {% if not loop.last %}union all{% endif %}
        {% endfor %}
    ) as received
    where
        received.topic = {{ this.identifier }}.topic
        and received.topic_partition = {{ this.identifier }}.topic_partition
        and received.topic_offset = {{ this.identifier }}.topic_offset
)
    {%- endif -%}
{% endmacro %}
