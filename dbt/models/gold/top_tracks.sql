{# The most played tracks of the last hour, 24 hours, 7 days and of all time. #}
{{ config(post_hook="{{ export_gold(this) }}") }}
{{ chart('track') }}
