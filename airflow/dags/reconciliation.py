"""Every day: the stream's numbers against the batch's, at one cut. A difference is looked at once more, then told by e-mail."""

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
    segue("reconcile", "reconcile", "Exits with 1 on a difference, with 2 if it could not be done; the report in data/reconciliations names the keys.")
