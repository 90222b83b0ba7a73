{# The constants and formulas of semantics.md that several models need. #}

{# q: the nearest multiple of 2^-20, halves upwards (weights are never negative). #}
{% macro q(weight) %}round(({{ weight }}) * cast(1048576 as double)) / cast(1048576 as double){% endmacro %}

{# g(t) = 2^((t - L) / 365 d), L = 2020-01-01; the exponent is bounded so that absurd record times stay finite. #}
{% macro decay(milliseconds) -%}
pow(cast(2 as double), least(cast({{ milliseconds }} - 1577836800000 as double) / cast(31536000000 as double), cast(900 as double)))
{%- endmacro %}

{# What an event says about an artist; null: nothing. #}
{% macro affinity_weight(event_type) -%}
case {{ event_type }} when 'play' then 1.0 when 'like' then 3.0 when 'unlike' then -3.0 when 'skip' then -0.5 end
{%- endmacro %}

{# Milliseconds listened to a play. #}
{% macro listening_ms() %}coalesce(ms_played, duration_ms, 0){% endmacro %}

{# ln(1 + x), also where x is so small that 1 + x keeps little or nothing of it (Higham: Accuracy and Stability, section 1.14.1). #}
{% macro log1p(x) -%}
case when 1 + ({{ x }}) = 1 then ({{ x }}) else ln(1 + ({{ x }})) * ({{ x }}) / ((1 + ({{ x }})) - 1) end
{%- endmacro %}
