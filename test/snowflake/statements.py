"""Statements that fakesnow lacks, as others that it has."""

import re
import unicodedata
import uuid
from pathlib import Path

from duckdb import DuckDBPyConnection
from fakesnow.server import shared_fs

DONE = "SELECT 'Statement executed successfully.' AS \"status\""
# Nothing of these can be seen in a query's result: they are received, and that is all.
UNSEEN = re.compile(
    r"\s*(CREATE (WAREHOUSE|ROLE|STORAGE INTEGRATION|STAGE|FILE FORMAT)|COMMENT ON|GRANT|ALTER SESSION SET|USE (ROLE|WAREHOUSE|SECONDARY ROLES))\b", re.I
)
DATABASE = re.compile(r"\s*CREATE DATABASE IF NOT EXISTS (\w+)\s*$")
EXTERNAL_TABLE = re.compile(r"\s*CREATE EXTERNAL TABLE IF NOT EXISTS (\S+) \((.*)\)\s*PARTITION BY .*LOCATION = @\S+?/(\w+)/", re.S)
COLUMN = re.compile(r"^  (\w+) (\w+) AS \((.*?)\)(?=,?$\n  \w|,?\s*\Z)", re.S | re.M)
REFRESH = re.compile(r"\s*ALTER EXTERNAL TABLE (\S+) REFRESH")
FUNCTION = re.compile(r"\s*CREATE OR REPLACE FUNCTION (\S+)\(TEXT VARCHAR\) RETURNS VARCHAR\s+LANGUAGE JAVASCRIPT .* AS '(.*)'", re.S)
FUNCTIONS = {"uuid_string": "_uuid_v5", "octet_length": "strlen"}
# fakesnow leaves the second argument out, and DuckDB then trims all white space.
TRIM_SPACES = re.compile(r"\btrim\(([^()]+), ' '\)", re.I)
# JavaScript's functions in Python, whose Unicode is the same.
JAVASCRIPT = {
    'return TEXT.normalize("NFC").toLowerCase()': lambda text: unicodedata.normalize("NFC", text).lower(),
    "return TEXT.toLowerCase()": str.lower,
}


class ExternalTable:
    """Columns are expressions over VALUE (a row of a file) and METADATA$FILENAME."""

    def __init__(self, name: str, columns: list[tuple[str, str, str]], folder: str) -> None:
        self.name = name
        self.columns = columns
        self.folder = folder
        self.files: list[str] = []

    def create(self) -> str:
        return f"CREATE TABLE IF NOT EXISTS {self.name} ({', '.join(f'{name} {kind}' for name, kind, _ in self.columns)})"


class Statements:
    def __init__(self, duckdb: DuckDBPyConnection, lake: Path) -> None:
        self.duckdb = duckdb
        self.lake = lake
        self.tables: dict[str, ExternalTable] = {}
        duckdb.create_function("_trim_spaces", lambda text: text.strip(" "), ["VARCHAR"], "VARCHAR")
        duckdb.create_function("_uuid_v5", lambda space, name: str(uuid.uuid5(uuid.UUID(space), name)), ["VARCHAR", "VARCHAR"], "VARCHAR")

    def rewrite(self, sql: str) -> str:
        if UNSEEN.match(sql):
            return DONE
        if match := DATABASE.match(sql):
            shared_fs.connect(match[1], "PUBLIC")
            return DONE
        if match := EXTERNAL_TABLE.match(sql):
            table = ExternalTable(match[1], COLUMN.findall(match[2]), match[3])
            self.tables[table.name] = table
            return table.create()
        if match := REFRESH.match(sql):
            return self.refresh(self.tables[match[1]])
        if match := FUNCTION.match(sql):
            return self.create_function(match[1], match[2])
        sql = re.sub(r"\b(?:temporary|temp|transient) (table|view)\b", r"\1", sql, flags=re.I)
        for theirs, ours in FUNCTIONS.items():
            sql = re.sub(rf"\b{theirs}\(", f"{ours}(", sql, flags=re.I)
        return TRIM_SPACES.sub(r"_trim_spaces(\1)", sql)

    def create_function(self, name: str, body: str) -> str:
        own = f"_{name.split('.')[-1].lower()}"
        self.duckdb.create_function(own, JAVASCRIPT[body], ["VARCHAR"], "VARCHAR")
        self.duckdb.execute(f"CREATE OR REPLACE MACRO {name}(text) AS {own}(text)")
        return DONE

    def refresh(self, table: ExternalTable) -> str:
        """Reads the files anew through the table's own expressions, as Snowflake does in each query; answers with the files that are new."""
        files = sorted(str(file) for file in (self.lake / "bronze" / table.folder).glob("*/*/*/*/*.parquet"))
        new = [file for file in files if file not in table.files]
        if new:
            database = table.name.split(".")[0]
            self.duckdb.execute(
                f"""CREATE OR REPLACE TABLE {database}.BRONZE._ROWS AS SELECT to_json(row) AS value, row.filename AS "METADATA$FILENAME"
                FROM read_parquet($files, union_by_name = true, filename = true, hive_partitioning = false) AS row""",
                {"files": files},
            )
            session = shared_fs.connect(database).cursor()
            session.execute(f"DELETE FROM {table.name}")
            expressions = ", ".join(f"{expression} AS {name}" for name, _, expression in table.columns)
            session.execute(f"INSERT INTO {table.name} SELECT {expressions} FROM {database}.BRONZE._ROWS")
            table.files = files
        rows = ", ".join(f"('{file}', 'REGISTERED_NEW')" for file in new)
        source = f"VALUES {rows}" if rows else "VALUES ('', '')"
        return f"SELECT column1 AS \"file\", column2 AS \"status\" FROM {source}{'' if rows else ' WHERE FALSE'}"
