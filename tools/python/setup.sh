#!/bin/sh
# Makes Python environments in .venv/NAME from the hashed requirements: setup.sh [dbt] [airflow] [snowflake] [deploy] [fuzz] [consumer] [quix]; default: dbt.
set -eu
cd "$(dirname "$0")/../.."
. tools/python/uv.sh
[ $# -gt 0 ] || set -- dbt
for name in "$@"; do
  requirements=$(requirements_of "$name")/requirements.txt
  if cmp -s "$requirements" ".venv/$name/requirements.txt"; then continue; fi
  echo "Python environment .venv/$name ..." >&2
  "$UV" venv --quiet --clear --python '>=3.11,<3.14' ".venv/$name"
  "$UV" pip sync --quiet --require-hashes --python ".venv/$name/bin/python" "$requirements"
  cp "$requirements" ".venv/$name/requirements.txt"
done
