{#
    Each accepted event once. Of the copies (same user, track, moment and type) the one with the lowest topic, in the order
    plays, skips, likes, events, and then offset stands: that order as one number is precedence. (Aggregated and joined
    again: a window of a partition for each event takes several times the memory.)
-#}
with accepted as (
    select
        checked_events.*,
        case topic
            when 'spotify-plays' then 1 when 'spotify-skips' then 2 when 'spotify-likes' then 3 else 4
        end * 1000000000000000000 + topic_offset * 1000 + topic_partition as precedence
    from {{ ref('checked_events') }} as checked_events
    where rejection is null and {{ below_cut() }}
),

standing as (
    select
        user_id,
        track_id,
        occurred_ms,
        event_type,
        min(precedence) as precedence,
        count(*) as copies
    from accepted
    group by user_id, track_id, occurred_ms, event_type
)

select
    accepted.event_id,
    accepted.event_type,
    accepted.user_id,
    accepted.track_id,
    accepted.track_name,
    accepted.artist_id,
    accepted.artist_name,
    accepted.album_name,
    accepted.occurred_at,
    accepted.occurred_ms,
    accepted.duration_ms,
    accepted.ms_played,
    accepted.device_type,
    accepted.country,
    accepted.source,
    standing.copies,
    accepted.topic,
    accepted.topic_partition,
    accepted.topic_offset,
    accepted.record_time,
    accepted.ingested_on
from accepted
inner join standing
    on
        accepted.precedence = standing.precedence
        and accepted.user_id = standing.user_id
        and accepted.track_id = standing.track_id
        and accepted.occurred_ms = standing.occurred_ms
        and accepted.event_type = standing.event_type
