"""Lets DuckDB read a lake in S3: dbt-duckdb calls this plugin for each connection. With a lake on disk it does nothing.

Extensions come as Python packages, so that nothing is fetched at run time; DuckDB checks their signatures. Address and keys are
those of the lake's writer (config-lake.ts): S3_*, AWS_*, MINIO_*, or the local stack's; without keys, those of the AWS profile or role.
"""

import json
import os
from importlib import import_module
from pathlib import Path
from urllib.parse import urlsplit

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin


class Plugin(BasePlugin):
    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        if os.environ.get("SEGUE_LAKE", "").startswith("s3://"):
            configure_s3(conn, with_stack(dict(os.environ)))


def configure_s3(conn: duckdb.DuckDBPyConnection, environment: dict[str, str]) -> None:
    """Loads what reads s3://, with a secret that lives as long as the connection."""
    options = secret_options(environment)
    for name in ["httpfs"] + (["aws"] if "provider" in options else []):
        conn.execute(f"load '{extension(name)}'")
    conn.execute(f"create or replace temporary secret lake (type s3, {', '.join(f'{key} {literal(value)}' for key, value in options.items())})")


def secret_options(environment: dict[str, str]) -> dict[str, str]:
    """The options of DuckDB's S3 secret. The first of several names that is set counts, as in config-lake.ts."""

    def first(*names: str) -> str:
        return next((value for name in names if (value := environment.get(name, "").strip())), "")

    options = {"region": first("S3_REGION", "AWS_REGION") or "us-east-1"}
    if endpoint := first("S3_ENDPOINT", "MINIO_ENDPOINT"):
        url = urlsplit(endpoint if "://" in endpoint else f"http://{endpoint}")
        options |= {"endpoint": url.netloc + url.path.rstrip("/"), "use_ssl": str(url.scheme == "https").lower(), "url_style": "path"}
    if key := first("S3_ACCESS_KEY_ID", "AWS_ACCESS_KEY_ID", "MINIO_ACCESS_KEY"):
        options |= {"key_id": key, "secret": first("S3_SECRET_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY", "MINIO_SECRET_KEY")}
        if token := first("AWS_SESSION_TOKEN"):
            options["session_token"] = token
    else:
        options["provider"] = "credential_chain"
    return options


def with_stack(environment: dict[str, str]) -> dict[str, str]:
    """In mode kafka the settings of the local stack, where there is one; what is set already goes first."""
    file = Path(environment.get("SEGUE_STACK_DIR") or "data/stack") / "stack.json"
    if environment.get("SEGUE_MODE") != "kafka" or not file.exists():
        return environment
    return json.loads(file.read_text())["environment"] | environment


def extension(name: str) -> str:
    package = Path(import_module(f"duckdb_extension_{name}").__file__).parent
    return str(package / "extensions" / f"v{duckdb.__version__}" / f"{name}.duckdb_extension")


def literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
