"""Prints what the DAGs are, as JSON: {dag: {schedule, tasks: {task: {upstream, retries, backoff, alerts}}}}. Fails on a bad file."""

import json
import sys

from airflow.dag_processing.dagbag import DagBag

bag = DagBag(sys.argv[1])
if bag.import_errors:
    sys.exit("\n".join(f"{file}: {error}" for file, error in bag.import_errors.items()))
dags = {
    dag.dag_id: {
        "schedule": dag.schedule if isinstance(dag.schedule, str) else None,
        "catchup": dag.catchup,
        "max_active_runs": dag.max_active_runs,
        "tasks": {
            task.task_id: {
                "upstream": sorted(task.upstream_task_ids),
                "retries": task.retries,
                "backoff": bool(task.retry_exponential_backoff),
                "alerts": len(task.on_failure_callback or []),
            }
            for task in dag.tasks
        },
    }
    for dag in bag.dags.values()
}
print("DAGS " + json.dumps(dags))
