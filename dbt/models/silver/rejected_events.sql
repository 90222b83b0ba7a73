{{ config(materialized='view') }}
select
    topic,
    topic_partition,
    topic_offset,
    record_time,
    ingested_on,
    rejection,
    event_id,
    user_id,
    track_id,
    artist_id,
    occurred_at
from {{ ref('checked_events') }}
where rejection is not null and {{ below_cut() }}
