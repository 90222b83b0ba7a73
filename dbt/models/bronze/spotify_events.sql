{# Every event as received, from all four topics, under the names that the original's analysts use. #}

{% for table in event_tables() %}
    select
        event_id,
        user_id,
        track_id as song_id,
        track_name as song_name,
        artist_id,
        artist_name,
        album_name,
        {{ received_type(table) }} as event_type,
        device_type,
        country,
        occurred_at as timestamp,
        duration_ms,
        ms_played,
        source,
        topic,
        topic_partition,
        topic_offset,
        record_time,
        ingested_on
    from {{ source('bronze', table) }}
    {% if not loop.last %}union all{% endif %}
{% endfor %}
