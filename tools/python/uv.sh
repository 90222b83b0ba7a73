# Sets UV: the one on the PATH, else our own in .venv/uv, installed from a hashed requirement. Sourced by the scripts here.
if command -v uv >/dev/null 2>&1; then
  UV=uv
else
  UV=.venv/uv/bin/uv
  if ! [ -x "$UV" ]; then
    python3 -m venv .venv/uv
    .venv/uv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r tools/python/uv.txt
  fi
fi
# Where the requirements of an environment are.
requirements_of() {
  case "$1" in
    dbt | airflow) echo "$1" ;;
    snowflake) echo test/snowflake ;;
    deploy) echo test/deploy ;;
    fuzz) echo test/fuzz ;;
    consumer) echo docs/consumer ;;
    quix) echo bench/compare ;;
    *) echo "There is no Python environment $1: give dbt, airflow, snowflake, deploy, fuzz, consumer or quix." >&2; return 1 ;;
  esac
}
