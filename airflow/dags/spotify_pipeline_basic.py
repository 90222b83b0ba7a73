"""From events to gold, every hour: what the original's DAG of this name does, with its tasks."""

from datetime import datetime

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG, chain
from segue_airflow.tasks import command, dbt, defaults, segue, silver_and_gold

with DAG(
    "spotify_pipeline_basic",
    description="Events into the lake, the lake into silver and gold",
    schedule="@hourly",
    start_date=datetime(2026, 1, 1),
    catchup=False,
    max_active_runs=1,
    max_active_tasks=1,
    default_args=defaults(),
    doc_md=__doc__,
    tags=["segue"],
):
    chain(
        EmptyOperator(task_id="start"),
        segue(
            "generate_events",
            "simulate --days ${SEGUE_SIMULATED_DAYS:-1}",
            "Publishes the simulated days up to yesterday that are not published yet. SEGUE_SIMULATED_DAYS: how many.",
        ),
        segue("start_consumer", "lake flush", "Writes what is in the log into the lake; a running instance is asked to."),
        segue(
            "wait_for_s3_files",
            "lake ls --files | grep -m 1 .",
            "There are files, in the directory or the bucket of SEGUE_LAKE.",
        ),
        segue("stop_consumer", "lake verify", "The sink's work is done: every offset is there once, none is missing."),
        command(
            "refresh_snowflake_table",
            'if [ "${SEGUE_DBT_TARGET:-duckdb}" = snowflake ]; then node dist/tools/segue.js warehouse refresh; '
            'else echo "DuckDB reads the files themselves: nothing to refresh."; fi',
            "Makes Snowflake's external tables list the lake again.",
        ),
        dbt("dbt_compile", "compile --quiet", "The models are sound."),
        *silver_and_gold(),
    )
