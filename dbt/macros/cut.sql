{# What is below the cut: every row when none is given. Columns: topic, topic_partition, topic_offset. #}
{% macro below_cut(relation="") %}
    {%- set r = relation ~ "." if relation else "" -%}
    {%- set cut = var('cut') -%}
    {%- if cut is none -%}
        true
    {%- else -%}
        {%- set parts = [] -%}
        {%- for topic, offsets in cut.items() -%}
            {%- for partition, offset in offsets.items() -%}
                {%- do parts.append(
                    "(" ~ r ~ "topic = '" ~ topic ~ "' and " ~ r ~ "topic_partition = " ~ partition | int ~ " and " ~ r ~ "topic_offset < " ~ offset | int ~ ")"
                ) -%}
            {%- endfor -%}
        {%- endfor -%}
        ({{ parts | join(' or ') if parts else 'false' }})
    {%- endif -%}
{% endmacro %}
