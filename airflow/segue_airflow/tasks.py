"""Tasks that run Segue's commands and dbt, and the defaults of every DAG."""

import os
from datetime import timedelta
from typing import Any

from airflow.providers.standard.operators.bash import BashOperator

from segue_airflow.alerts import on_failure

ROOT = os.environ.get("SEGUE_ROOT", os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
NO_TESTS = "--exclude-resource-type test --exclude-resource-type unit_test"


def defaults(retries: int = 3) -> dict[str, Any]:
    """Retries after 30 s, 60 s, 120 s, ..., at most 10 minutes; an e-mail after the last one."""
    return {
        "owner": "segue",
        "retries": retries,
        "retry_delay": timedelta(seconds=30),
        "retry_exponential_backoff": True,
        "max_retry_delay": timedelta(minutes=10),
        "execution_timeout": timedelta(hours=2),
        "on_failure_callback": on_failure(),
    }


def command(task_id: str, line: str, doc: str, **options: Any) -> BashOperator:
    """A shell command in Segue's directory; its environment is that of Airflow."""
    return BashOperator(task_id=task_id, bash_command=f"set -eu; {line}", cwd=ROOT, append_env=True, doc_md=doc, **options)


def segue(task_id: str, arguments: str, doc: str, **options: Any) -> BashOperator:
    """`segue` of this very checkout."""
    return command(task_id, f"node dist/tools/segue.js {arguments}", doc, **options)


def dbt(task_id: str, arguments: str, doc: str, **options: Any) -> BashOperator:
    return command(task_id, f"dbt/bin/dbt --no-use-colors {arguments}", doc, **options)


def silver_and_gold(variables: str = "") -> list[BashOperator]:
    """dbt_run_silver, dbt_run_gold, dbt_test, in that order. `variables`: dbt's --vars, a template."""
    given = f" --vars '{variables}'" if variables else ""
    return [
        dbt(
            "dbt_run_silver",
            f"build --select path:models/bronze +path:models/silver {NO_TESTS}{given}",
            "Cleans what is new in bronze.",
        ),
        dbt(
            "dbt_run_gold",
            f"build --select path:models/intermediate path:models/gold path:models/reconcile {NO_TESTS}{given}",
            "Recomputes the numbers.",
        ),
        dbt("dbt_test", f"test --exclude-resource-type unit_test{given}", "Tests all of it."),
    ]
