{#
    For each track a and every track b of its sessions: together(a, b), W(a -> b), the share of a's sessions that have b, and
    follow(a -> b) = W(a -> b) / N(a).
-#}
with pairs as (
    select
        a_no as track_no,
        b_no as other_no,
        together,
        weight_ab as weight
    from {{ ref('int_track_pairs') }}
    union all
    select
        b_no as track_no,
        a_no as other_no,
        together,
        weight_ba as weight
    from {{ ref('int_track_pairs') }}
),

numbers as (
    select distinct
        track_no,
        track_id
    from {{ ref('int_session_plays') }}
),

tracks as (
    select
        numbers.track_no,
        numbers.track_id,
        tracks.sessions,
        tracks.n
    from numbers
    inner join {{ ref('tracks') }} as tracks on numbers.track_id = tracks.track_id
)

select
    one.track_id,
    other.track_id as other_track_id,
    cast(pairs.together as bigint) as together,
    pairs.weight,
    cast(pairs.together as double) / cast(one.sessions as double) as cooccurrence,
    pairs.weight / one.n as follow
from pairs
inner join tracks as one on pairs.track_no = one.track_no
inner join tracks as other on pairs.other_no = other.track_no
