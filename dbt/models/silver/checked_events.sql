{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['topic', 'topic_partition', 'topic_offset'],
        on_schema_change='fail',
        pre_hook='{{ forget_erased() }}'
    )
}}
{#
    Each record of the four topics once, with its canonical fields and the code of the first check that rejects it. An
    incremental run reads what lies above the offsets it has, and the days of ingestion that backfill_from and backfill_to name;
    what was erased from the lake it deletes.
-#}
{%- set nulls = [
    ['event_id', 'varchar'], ['user_id', 'varchar'], ['track_id', 'varchar'], ['track_name', 'varchar'], ['artist_id', 'varchar'],
    ['artist_name', 'varchar'], ['album_name', 'varchar'], ['occurred_at', 'timestamp'], ['duration_ms', 'bigint'],
    ['ms_played', 'bigint'], ['device_type', 'varchar'], ['country', 'varchar'], ['source', 'varchar'], ['received_type', 'varchar']
] -%}

with records as (
    {% for table in event_tables() %}
        select
            topic,
            topic_partition,
            topic_offset,
            record_time,
            ingested_on,
            false as is_undecodable,
            event_id,
            user_id,
            track_id,
            track_name,
            artist_id,
            artist_name,
            album_name,
            occurred_at,
            duration_ms,
            ms_played,
            device_type,
            country,
            source,
            {{ received_type(table) }} as received_type
        from {{ source('bronze', table) }}
        union all
    {% endfor %}
    select
        topic,
        topic_partition,
        topic_offset,
        record_time,
        ingested_on,
        true as is_undecodable,
        {%- for name, type in nulls %}
            cast(null as {{ type }}) as {{ name }}{% if not loop.last %},{% endif %}
        {%- endfor %}
    from {{ source('bronze', 'raw_undecodable') }}
),

{% if is_incremental() %}
    known as (
        select
            topic,
            topic_partition,
            coalesce(rejection = 'UNDECODABLE', false) as is_undecodable,
            max(topic_offset) as topic_offset
        from {{ this }}
        group by topic, topic_partition, coalesce(rejection = 'UNDECODABLE', false)
    ),

{% endif %}
wanted as (
    select
        records.topic,
        records.topic_partition,
        records.topic_offset,
        records.record_time,
        records.ingested_on,
        records.is_undecodable,
        records.event_id,
        records.user_id,
        records.track_id,
        records.track_name,
        case
            when records.artist_id is not null then records.artist_id
            when records.artist_name = '' then ''
            else {{ name_id('records.artist_name') }}
        end as artist_id,
        records.artist_name,
        records.album_name,
        records.occurred_at,
        {{ epoch_ms('records.occurred_at') }} as occurred_ms,
        {{ epoch_ms('records.record_time') }} as record_ms,
        records.duration_ms,
        records.ms_played,
        records.device_type,
        records.country,
        records.source,
        case
            when records.received_type = 'play' and records.ms_played < 30000 then 'skip'
            when records.received_type in ('play', 'skip', 'like', 'unlike', 'pause') then records.received_type
            when records.received_type <> 'unknown' then 'other'
        end as event_type
    from records
    {% if is_incremental() %}
        left join known
            on
                records.topic = known.topic
                and records.topic_partition = known.topic_partition
                and records.is_undecodable = known.is_undecodable
    {% endif %}
    where
        {{ below_cut('records') }}
    {% if is_incremental() %}
        and (
            known.topic_offset is null
            or records.topic_offset > known.topic_offset
            or {{ is_backfilled('records.ingested_on') }}
        )
    {% endif %}
    {{- once_each() }}
),

checked as (
    select
        wanted.*,
        case
            when is_undecodable then 'UNDECODABLE'
            when user_id = '' or track_id = '' or artist_id = '' or event_id = '' then 'MISSING_FIELD'
            when
                {{ is_bad_id('user_id') }}
                or {{ is_bad_id('track_id') }}
                or {{ is_bad_id('artist_id') }}
                or {{ is_bad_id('event_id') }}
                then 'BAD_ID'
            when occurred_at < timestamp '2006-01-01 00:00:00' or occurred_ms > record_ms + 600000 then 'BAD_TIME'
            when
                duration_ms <= 0 or duration_ms > 86400000 or ms_played < 0 or ms_played > 86400000
                then 'BAD_DURATION'
            when event_type is null then 'BAD_TYPE'
        end as rejection
    from wanted
)

select
    checked.topic,
    checked.topic_partition,
    checked.topic_offset,
    checked.record_time,
    checked.ingested_on,
    checked.rejection,
    checked.event_type,
    checked.event_id,
    checked.user_id,
    checked.track_id,
    checked.track_name,
    checked.artist_id,
    checked.artist_name,
    checked.album_name,
    checked.occurred_at,
    checked.occurred_ms,
    checked.duration_ms,
    checked.ms_played,
    coalesce(whole.device_type, first_word.device_type, 'other') as device_type,
    countries.alpha2 as country,
    checked.source
from checked
left join {{ ref('devices') }} as whole on {{ lower_case("trim(checked.device_type, ' ')") }} = whole.alias
left join {{ ref('devices') }} as first_word
    on split_part({{ lower_case("trim(checked.device_type, ' ')") }}, ' ', 1) = first_word.alias
left join {{ ref('countries') }} as countries on {{ lower_case("trim(checked.country, ' ')") }} = countries.alias
