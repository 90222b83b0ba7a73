{# No event twice. #}
select
    user_id,
    song_id,
    timestamp,
    event_type,
    count(*) as copies
from {{ ref('spotify_events_clean') }}
group by user_id, song_id, timestamp, event_type
having count(*) > 1
