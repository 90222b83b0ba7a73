"""E-mail when a task fails for good, through the connection smtp_default."""

import os

from airflow.providers.smtp.notifications.smtp import SmtpNotifier

SUBJECT = "Segue: {{ dag.dag_id }}.{{ ti.task_id }} failed"
CONTENT = """<p>Task <b>{{ ti.task_id }}</b> of DAG <b>{{ dag.dag_id }}</b> failed.</p>
<p>Run {{ run_id }}, attempt {{ ti.try_number }}.</p>
<pre>{{ exception | e if exception is defined else '' }}</pre>
<p><a href="{{ ti.log_url }}">The log</a> says why.</p>"""


def on_failure() -> list[SmtpNotifier]:
    """To SEGUE_ALERT_EMAIL, else to GMAIL_USER itself; nobody where neither is set."""
    to = os.environ.get("SEGUE_ALERT_EMAIL") or os.environ.get("GMAIL_USER")
    if not to:
        return []
    sender = os.environ.get("SEGUE_ALERT_FROM") or os.environ.get("GMAIL_USER") or to
    return [SmtpNotifier(to=to.split(","), from_email=sender, subject=SUBJECT, html_content=CONTENT)]
