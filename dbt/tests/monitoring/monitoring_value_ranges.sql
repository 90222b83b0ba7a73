{# Durations of at most a day, no event from the future, shares and scores in their ranges. #}
select 'durations' as what
from {{ ref('spotify_events_clean') }}
where duration_ms <= 0 or duration_ms > 86400000 or ms_played < 0 or ms_played > 86400000
union all
select 'future' as what
from {{ ref('listening_events') }}
where occurred_ms > {{ epoch_ms('record_time') }} + 600000
union all
select 'affinity' as what
from {{ ref('artist_affinity') }}
where affinity < 0 or affinity > 1
union all
select 'cooccurrence' as what
from {{ ref('track_cooccurrence') }}
where cooccurrence < 0 or cooccurrence > 1 or follow < 0
union all
select 'recommendation' as what
from {{ ref('track_recommendations') }}
where recommendation_score < 0 or recommendation_score > 100
