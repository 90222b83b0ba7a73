{# No event without what every event has. #}
select *
from {{ ref('spotify_events_clean') }}
where
    event_id is null
    or user_id is null
    or song_id is null
    or song_name is null
    or artist_id is null
    or artist_name is null
    or event_type is null
    or timestamp is null
