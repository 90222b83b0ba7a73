{{ config(materialized='view') }}
{#
    One row per accepted event, so that the original's COUNT(*) per song and event_type is right; song_plays is the song's
    total, ready to be read.
-#}
select
    events.event_id,
    events.user_id,
    events.track_id as song_id,
    events.track_name as song_name,
    events.artist_id,
    events.artist_name,
    events.event_type,
    events.device_type,
    events.country,
    events.occurred_at as timestamp,
    coalesce(tracks.plays, 0) as song_plays
from {{ ref('listening_events') }} as events
left join {{ ref('tracks') }} as tracks on events.track_id = tracks.track_id
