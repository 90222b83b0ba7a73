{# The most played tracks of each country, in the same windows. #}
{{ chart('track', by_country=true) }}
