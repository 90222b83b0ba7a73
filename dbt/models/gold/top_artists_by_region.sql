{# The most played artists of each country, in the same windows. #}
{{ chart('artist', by_country=true) }}
