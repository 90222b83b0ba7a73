{# Each table of gold has rows. #}
{% for model in [
    'tracks', 'artists', 'track_cooccurrence', 'track_recommendations', 'artist_affinity', 'daily_user_stats', 'device_usage',
    'listening_trends', 'user_engagement', 'top_tracks', 'top_artists', 'spotify_song_metrics'
] %}
    select '{{ model }}' as empty_model
    from (select count(*) as records from {{ ref(model) }}) as counted
    where records = 0
    {% if not loop.last %}union all{% endif %}
{% endfor %}
