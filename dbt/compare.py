"""
Compares what the stream had at a cut with what dbt has computed up to it, key by key: compare.py REPORT [FORGOTTEN].

REPORT/stream has the stream's rows as JSON lines; they become Parquet. REPORT/warehouse.duckdb has the batch's, in schema reconcile.
FORGOTTEN is a JSON file with the ids of listeners whose affinities are left out. Writes REPORT/differences.parquet, and for each
section that differs REPORT/repair-SECTION.ndjson. Prints a JSON summary. Numbers are equal exactly, or within 1e-9 where said.
"""

import json
import os
import sys
from pathlib import Path

import duckdb

TOLERANCE = 1e-9
FIRST = 200

# Section: its key, its exact and its near fields, the stream's rows (from FILES), the batch's rows.
SECTIONS = {
    "counts": (
        ["kind", "name"],
        ["value"],
        [],
        """select kind, name, sum(value) as value from {counts} group by all""",
        "select kind, name, value from reconcile_counts",
    ),
    "tracks": (
        ["track_id"],
        ["sessions", "n", "plays"],
        [],
        """select track_id, max(sessions) as sessions, max(n) as n, max(plays) as plays from (
             select track_id, sessions, n, null as plays from {cooccurrence} where others is null
             union all select track_id, null, null, plays from {plays}) group by track_id""",
        "select track_id, sessions, n, plays from reconcile_tracks",
    ),
    "pairs": (
        ["track_id", "other_track_id"],
        ["together", "weight"],
        [],
        """select track_id, unnest(others) as other_track_id, unnest(together) as together, unnest(weights) as weight
           from {cooccurrence} where others is not null""",
        "select track_id, other_track_id, together, weight from reconcile_pairs",
    ),
    "affinity": (
        ["user_id", "artist_id"],
        ["plays", "events", "as_of"],
        ["a", "affinity"],
        """select user_id, as_of, unnest(artists) as artist_id, unnest(a) as a, unnest(affinity) as affinity, unnest(plays) as plays,
             unnest(events) as events from {affinity} where user_id not in (select user_id from forgotten)""",
        """select user_id, epoch_ms(as_of) as as_of, artist_id, a, affinity, plays, events from reconcile_affinity
           where user_id not in (select user_id from forgotten)""",
    ),
    "charts": (
        ["kind", "country", "id"],
        ["plays"],
        [],
        """select kind, country, id, sum(plays) as plays from (
             select kind, country, unnest(ids) as id, unnest(plays) as plays from {charts}) group by all""",
        "select kind, country, id, plays from reconcile_charts",
    ),
}

COLUMNS = {
    "counts": {"kind": "varchar", "name": "varchar", "value": "bigint"},
    "cooccurrence": {
        "track_id": "varchar",
        "sessions": "bigint",
        "n": "double",
        "others": "varchar[]",
        "together": "bigint[]",
        "weights": "double[]",
    },
    "plays": {"track_id": "varchar", "plays": "bigint"},
    "affinity": {
        "user_id": "varchar",
        "as_of": "bigint",
        "artists": "varchar[]",
        "a": "double[]",
        "affinity": "double[]",
        "plays": "bigint[]",
        "events": "bigint[]",
    },
    "charts": {"kind": "varchar", "country": "varchar", "ids": "varchar[]", "plays": "bigint[]"},
}


def quoted(value: str) -> str:
    return "'" + str(value).replace("'", "''") + "'"


def lines_of(directory: Path, table: str) -> str:
    columns = ", ".join(f"{name}: '{kind}'" for name, kind in COLUMNS[table].items())
    return f"read_json({quoted(directory / f'{table}-*.ndjson')}, format = 'newline_delimited', columns = {{{columns}}})"


def compare(db: duckdb.DuckDBPyConnection, report: Path, section: str) -> dict:
    keys, exact, near, stream, batch = SECTIONS[section]
    fields = exact + near
    parquet = quoted(report / "stream" / f"{section}.parquet")
    tables = {table: lines_of(report / "stream", table) for table in COLUMNS}
    db.execute(f"copy ({stream.format(**tables)}) to {parquet} (format parquet)")
    differs = {field: f"coalesce(s_{field}, 0) <> coalesce(b_{field}, 0)" for field in exact}
    differs |= {field: f"not abs(coalesce(s_{field}, 0) - coalesce(b_{field}, 0)) <= {TOLERANCE}" for field in near}
    side = "select {keys}, true as is_there, {fields} from {rows}"

    def rows(prefix: str, source: str) -> str:
        named = ", ".join(f"{field}::double as {prefix}_{field}" for field in fields)
        return side.format(keys=", ".join(keys), fields=named, rows=source)

    db.execute(
        f"""create temp table {section} as
            select {", ".join(f"coalesce(s.{key}, b.{key}) as {key}" for key in keys)},
                {", ".join(f"s_{field}, b_{field}" for field in fields)}, s.is_there is null as is_missing
            from ({rows("s", f"read_parquet({parquet})")}) as s full outer join ({rows("b", f"({batch})")}) as b
                on {" and ".join(f"s.{key} is not distinct from b.{key}" for key in keys)}
            where {" or ".join(differs.values())}"""
    )
    count = lambda query: db.execute(query).fetchone()[0]  # noqa: E731
    differences = count(f"select count(*) from {section}")
    if differences > 0:
        parts = {side: ", ".join(f"'{f}': {side}_{f}" for f in fields) for side in ("s", "b")}
        db.execute(
            f"""copy (select '{section}' as section, [{", ".join(f"coalesce({key}, '')" for key in keys)}] as keys, {{{parts["s"]}}} as stream, {{{parts["b"]}}} as batch
                from {section}) to {quoted(report / f"repair-{section}.ndjson")} (format json)"""
        )
    named = [*keys, *["null"] * (3 - len(keys))]
    long = " union all ".join(
        f"select '{section}' as section, {', '.join(f'{key}::varchar as key_{i + 1}' for i, key in enumerate(named))},"
        f" '{field}' as field, s_{field} as stream, b_{field} as batch from {section} where {differs[field]}"
        for field in fields
    )
    db.execute(f"insert into differences {long}")
    keys_of_both = count(f"select count(*) from read_parquet({parquet})") + count(f"select count(*) from {section} where is_missing")
    return {"keys": keys_of_both, "differences": differences}


def main(report: Path, forgotten: list[str]) -> dict:
    settings = {
        "memory_limit": os.environ.get("SEGUE_WAREHOUSE_MEMORY", "1500MB"),
        "threads": os.environ.get("SEGUE_WAREHOUSE_THREADS", "2"),
        "temp_directory": str(report / "spill"),
        "preserve_insertion_order": "false",
    }
    db = duckdb.connect(config=settings)
    db.execute(f"attach {quoted(report / 'warehouse.duckdb')} as warehouse (read_only)")
    for (view,) in db.execute("select view_name from duckdb_views() where schema_name = 'reconcile'").fetchall():
        db.execute(f"create view {view} as from warehouse.reconcile.{view}")
    db.execute("create temp table forgotten (user_id varchar)")
    if forgotten:
        db.executemany("insert into forgotten values (?)", [[user] for user in forgotten])
    db.execute(
        """create temp table differences (section varchar, key_1 varchar, key_2 varchar, key_3 varchar, field varchar, stream double,
           batch double)"""
    )
    sections = {section: compare(db, report, section) for section in SECTIONS}
    order = "order by list_position([" + ", ".join(map(quoted, SECTIONS)) + "], section), key_1, key_2, key_3, field"
    db.execute(f"copy (from differences {order}) to {quoted(report / 'differences.parquet')} (format parquet)")
    first = db.execute(f"select section, [key_1, key_2, key_3], field, stream, batch from differences {order} limit {FIRST}").fetchall()
    names = ["section", "keys", "field", "stream", "batch"]
    key_names = {section: keys for section, (keys, *_) in SECTIONS.items()}
    return {
        "sections": sections,
        "first": [{**dict(zip(names, row, strict=True)), "keys": row[1][: len(key_names[row[0]])]} for row in first],
        "key_names": key_names,
    }


if __name__ == "__main__":
    listed = json.loads(Path(sys.argv[2]).read_text()) if len(sys.argv) > 2 else []
    print(json.dumps(main(Path(sys.argv[1]), listed)))
