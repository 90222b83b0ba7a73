"""Prints the SMTP connection of a Gmail account, from GMAIL_USER and GMAIL_APP_PASSWORD, for AIRFLOW_CONN_SMTP_DEFAULT."""

import json
import os


def connection(user: str, password: str) -> str:
    return json.dumps(
        {
            "conn_type": "smtp",
            "host": "smtp.gmail.com",
            "port": 465,
            "login": user,
            "password": password,
            "extra": {"from_email": user, "disable_tls": True, "disable_ssl": False},
        }
    )


if __name__ == "__main__":
    print(connection(os.environ["GMAIL_USER"], os.environ.get("GMAIL_APP_PASSWORD", "")))
