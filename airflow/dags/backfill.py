"""Reads a range of the lake's days again, and recomputes what depends on them.

Started by hand, with the first and the last day of ingestion. For when the rules of cleansing have changed, or files were restored.
"""

from datetime import datetime

from airflow.sdk import DAG, Param, chain, get_current_context, task
from segue_airflow.tasks import defaults, silver_and_gold

VARIABLES = '{backfill_from: "{{ params.from }}", backfill_to: "{{ params.to }}"}'

with DAG(
    "backfill",
    description="Days of the lake, read again",
    schedule=None,
    start_date=datetime(2026, 1, 1),
    catchup=False,
    max_active_runs=1,
    max_active_tasks=1,
    default_args=defaults(),
    params={
        "from": Param("2026-01-01", type="string", format="date", title="First day"),
        "to": Param("2026-01-01", type="string", format="date", title="Last day"),
    },
    doc_md=__doc__,
    tags=["segue"],
):

    @task(retries=0)
    def check_range() -> None:
        """The days are days, and in order."""
        params = get_current_context()["params"]
        first, last = (datetime.strptime(params[name], "%Y-%m-%d") for name in ("from", "to"))
        if first > last:
            raise ValueError(f"The first day, {params['from']}, is after the last, {params['to']}.")

    chain(check_range(), *silver_and_gold(VARIABLES))
