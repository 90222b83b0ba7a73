{{ config(materialized='view') }}
{# listening_events under the names that the original's analysts use. #}
select
    event_id,
    user_id,
    track_id as song_id,
    track_name as song_name,
    artist_id,
    artist_name,
    album_name,
    event_type,
    device_type,
    country,
    occurred_at as timestamp,
    duration_ms,
    ms_played,
    source
from {{ ref('listening_events') }}
