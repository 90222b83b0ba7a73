"""Every day: the stream's numbers against the batch's, at one cut. A difference fails the run and is told by e-mail."""

from datetime import datetime

from airflow.sdk import DAG
from segue_airflow.tasks import defaults, segue

with DAG(
    "reconciliation",
    description="Stream equals batch, key by key",
    schedule="30 3 * * *",
    start_date=datetime(2026, 1, 1),
    catchup=False,
    max_active_runs=1,
    default_args=defaults(retries=1),
    doc_md=__doc__,
    tags=["segue"],
):
    segue("reconcile", "reconcile", "Exits non-zero on a difference; the report names the keys.")
