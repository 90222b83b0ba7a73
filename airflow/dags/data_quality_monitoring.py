"""Every 30 minutes: is what the warehouse holds complete, sound and fresh? No retries: a failure is told at once by e-mail.

Each check is a dbt test in dbt/tests/monitoring, or a command of dbt, so that it says the same on DuckDB and Snowflake.
"""

from datetime import datetime

from airflow.sdk import DAG
from segue_airflow.tasks import dbt, defaults

CHECKS = {
    "row_counts": "Silver has at least 95 % of bronze's records, and every accepted type is counted.",
    "nulls": "No event lacks an id, a type or a time.",
    "duplicates": "No event stands twice in silver.",
    "value_ranges": "Durations, shares and scores are possible.",
    "event_volume": "The last 24 hours have at least half of the mean day of the week before.",
    "gold_not_empty": "No table of gold is empty.",
}

with DAG(
    "data_quality_monitoring",
    description="Complete, sound, fresh?",
    schedule="*/30 * * * *",
    start_date=datetime(2026, 1, 1),
    catchup=False,
    max_active_runs=1,
    max_active_tasks=1,
    default_args=defaults(retries=0),
    doc_md=__doc__,
    tags=["segue"],
):
    for check, doc in CHECKS.items():
        dbt(f"check_{check}", f"test --select monitoring_{check} --vars '{{monitoring: true}}'", doc)
    dbt("check_freshness", "source freshness --select source:bronze.raw_plays", "The newest play is at most 24 hours old.")
    dbt("dbt_tests", "test --exclude-resource-type unit_test", "The models' own tests.")
