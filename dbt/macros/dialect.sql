{# What DuckDB and Snowflake say differently. #}

{% macro epoch_ms(timestamp) %}{{ adapter.dispatch('epoch_ms')(timestamp) }}{% endmacro %}
{% macro default__epoch_ms(timestamp) %}epoch_ms({{ timestamp }}){% endmacro %}
{% macro snowflake__epoch_ms(timestamp) %}date_part(epoch_millisecond, {{ timestamp }}){% endmacro %}

{% macro from_epoch_ms(milliseconds) %}{{ adapter.dispatch('from_epoch_ms')(milliseconds) }}{% endmacro %}
{% macro default__from_epoch_ms(milliseconds) %}make_timestamp({{ milliseconds }} * 1000){% endmacro %}
{% macro snowflake__from_epoch_ms(milliseconds) %}to_timestamp_ntz({{ milliseconds }}, 3){% endmacro %}

{% macro byte_length(text) %}{{ adapter.dispatch('byte_length')(text) }}{% endmacro %}
{% macro default__byte_length(text) %}strlen({{ text }}){% endmacro %}
{% macro snowflake__byte_length(text) %}octet_length({{ text }}){% endmacro %}

{# U+0000 to U+001F and U+007F. #}
{% macro has_control_character(text) %}{{ adapter.dispatch('has_control_character')(text) }}{% endmacro %}
{% macro default__has_control_character(text) %}regexp_matches({{ text }}, '[\x00-\x1f\x7f]'){% endmacro %}
{% macro snowflake__has_control_character(text) %}regexp_instr({{ text }}, '[[:cntrl:]]') > 0{% endmacro %}

{# Unicode's lower case; DuckDB's own leaves out the two special cases: the dotted capital I, and the sigma that ends a word. #}
{% macro lower_case(text) %}{{ adapter.dispatch('lower_case')(text) }}{% endmacro %}
{% macro default__lower_case(text) -%}
{%- set cased = '\\p{Lu}\\p{Ll}\\p{Lt}ªºⅠ-ⅿⒶ-ⓩ🄰-🅉🅐-🅩🅰-🆉' -%}
{%- set ignorable = "\\p{Mn}\\p{Me}\\p{Cf}\\p{Lm}\\p{Sk}''.:·’" -%}
{%- set text = "replace(" ~ text ~ ", 'İ', 'i̇')" -%}
lower(
    case
        when contains({{ text }}, 'Σ')
            then regexp_replace(
                {{ text }},
                '([{{ cased }}][{{ ignorable }}]*)Σ([{{ ignorable }}]*(?:[^{{ cased }}{{ ignorable }}]|$))', '\1ς\2', 'g'
            )
        else {{ text }}
    end
)
{%- endmacro %}
{% macro snowflake__lower_case(text) %}{{ target.database }}.silver.lower_case({{ text }}){% endmacro %}

{# name: and the UUIDv5 of a name in NFC and lower case (RFC 9562, section 5.5). #}
{% macro name_id(text) %}{{ adapter.dispatch('name_id')(text) }}{% endmacro %}
{% macro default__name_id(text) -%}
{%- set hash -%}
sha1('\x0B\x8F\x4A\x52\x6A\x53\x5D\x0C\x9F\x5E\x73\x65\x67\x75\x65\x0A'::blob || encode({{ lower_case('nfc_normalize(' ~ text ~ ')') }}))
{%- endset -%}
{%- set hash = hash | trim -%}
'name:' || substr({{ hash }}, 1, 8) || '-' || substr({{ hash }}, 9, 4) || '-5' || substr({{ hash }}, 14, 3)
    || '-' || translate(substr({{ hash }}, 17, 1), '0123456789abcdef', '89ab89ab89ab89ab') || substr({{ hash }}, 18, 3)
    || '-' || substr({{ hash }}, 21, 12)
{%- endmacro %}
{% macro snowflake__name_id(text) -%}
'name:' || uuid_string('0b8f4a52-6a53-5d0c-9f5e-73656775650a', {{ target.database }}.silver.canonical_text({{ text }}))
{%- endmacro %}

{#
    The up to 20 other distinct tracks before each play in its session, the most recently played first (k = 1, 2, ...), of plays
    (session_no, position_no, track_no, g, next_position_no): columns later_no, earlier_no, g, k. An earlier play is the latest
    of its track when the track's next play is not before the later one.
#}
{% macro predecessors(plays) %}{{ adapter.dispatch('predecessors')(plays) }}{% endmacro %}

{# Lists: a window with a partition for each play takes four times the memory and twice the time. #}
{% macro default__predecessors(plays) %}
    select
        track_no as later_no,
        g,
        unnest(before) as earlier_no,
        generate_subscripts(before, 1) as k
    from (
        select
            later.track_no,
            later.g,
            list_transform(
                list_filter(
                    session.plays[-(later.position_no - 1):], lambda play: play.next_position_no > later.position_no
                )[:20],
                lambda play: play.track_no
            ) as before
        from {{ plays }} as later
        inner join (
            select
                session_no,
                list(
                    {'track_no': track_no, 'next_position_no': coalesce(next_position_no, 501)} order by position_no desc
                ) as plays
            from {{ plays }}
            group by session_no
        ) as session on later.session_no = session.session_no
        where later.position_no > 1
    )
{% endmacro %}

{% macro snowflake__predecessors(plays) %}
    select
        later.track_no as later_no,
        later.g,
        earlier.track_no as earlier_no,
        row_number() over (
            partition by later.session_no, later.position_no order by earlier.position_no desc
        ) as k
    from {{ plays }} as later
    inner join {{ plays }} as earlier
        on
            later.session_no = earlier.session_no
            and later.position_no > earlier.position_no
            and later.position_no < coalesce(earlier.next_position_no, 501)
    qualify k <= 20
{% endmacro %}
