#!/bin/sh
# Pins what requirements.in asks for, with hashes, for every platform: compile.sh [dbt] [airflow] [snowflake] [deploy] [fuzz] [consumer] [quix]; default: all.
set -eu
cd "$(dirname "$0")/../.."
. tools/python/uv.sh
pin() {
  "$UV" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
    --no-emit-index-url --output-file "$2" "$1"
}
[ $# -gt 0 ] || set -- dbt airflow snowflake deploy fuzz consumer quix uv
for name in "$@"; do
  if [ "$name" = uv ]; then
    pin tools/python/uv.in tools/python/uv.txt
  else
    folder=$(requirements_of "$name")
    pin "$folder/requirements.in" "$folder/requirements.txt"
  fi
done
