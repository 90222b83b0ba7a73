{#
    What goes well after a track, for a listener that nothing is known of (semantics.md, section 6, with the track as the whole
    session): candidates are the 100 tracks with the highest together and the 100 with the highest W.
-#}
with ranked as (
    select
        cooccurrence.*,
        row_number() over (partition by track_id order by together desc, other_track_id asc) as together_rank,
        row_number() over (partition by track_id order by weight desc, other_track_id asc) as weight_rank
    from {{ ref('track_cooccurrence') }} as cooccurrence
),

candidates as (
    select
        ranked.*,
        max(follow) over (partition by track_id) as greatest_follow
    from ranked
    where together_rank <= 100 or weight_rank <= 100
),

scored as (
    select
        candidates.track_id,
        candidates.other_track_id,
        tracks.track_name,
        tracks.artist_id,
        tracks.artist_name,
        candidates.together as sessions_together,
        candidates.cooccurrence,
        case
            when candidates.greatest_follow > 0 then candidates.follow / candidates.greatest_follow else 0
        end as cooccurrence_score,
        case when tracks.artist_id = playing.artist_id then 0.5 else 0 end as artist_score
    from candidates
    inner join {{ ref('tracks') }} as tracks on candidates.other_track_id = tracks.track_id
    inner join {{ ref('tracks') }} as playing on candidates.track_id = playing.track_id
),

ordered as (
    select
        scored.*,
        0.7 * cooccurrence_score + 0.3 * artist_score as score,
        row_number() over (
            partition by track_id
            order by 0.7 * cooccurrence_score + 0.3 * artist_score desc, sessions_together desc, other_track_id asc
        ) as recommendation_rank
    from scored
)

select
    track_id,
    cast(recommendation_rank as integer) as recommendation_rank,
    other_track_id as recommended_track_id,
    track_name,
    artist_id,
    artist_name,
    cast(100 * score as double) as recommendation_score,
    cast(cooccurrence_score as double) as cooccurrence_score,
    cast(70 * cooccurrence as double) as baseline_score,
    sessions_together
from ordered
where recommendation_rank <= {{ var('recommendations_length') }}
