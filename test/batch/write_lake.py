"""Writes a lake as the sink does, from JSON lines {topic, partition, offset, record_time, event}; event null: undecodable.

write_lake.py LAKE LINES. Times are milliseconds; every hour of record time gets a file per table and partition.
"""

import sys
from pathlib import Path

import duckdb

FIELDS = {
    "event_id": "varchar", "user_id": "varchar", "track_id": "varchar", "track_name": "varchar", "artist_id": "varchar",
    "artist_name": "varchar", "album_name": "varchar", "occurred_at": "bigint", "duration_ms": "bigint", "ms_played": "bigint",
    "device_type": "varchar", "country": "varchar", "source": "varchar", "liked": "boolean", "event_type": "varchar",
}  # fmt: skip
# What older producers call the fields.
ALIASES = {"song_id": "track_id", "song_name": "track_name", "timestamp": "occurred_at", "played_at": "occurred_at"}
ORIGIN = 'topic, partition, "offset", epoch_ms(record_time)::timestamptz as record_time, 1::integer as schema_id, null::blob as record_key'


def table_of(topic: str) -> tuple[str, list[str]]:
    own = {"spotify-likes": ["liked"], "spotify-events": ["event_type"]}.get(topic, [])
    return topic.replace("-", "_"), [field for field in FIELDS if field not in ("liked", "event_type")] + own


def select_of(topic: str) -> str:
    names = {field: [field, *(alias for alias, of in ALIASES.items() if of == field)] for field in FIELDS}
    values = {field: f"coalesce({', '.join(f'event.{name}' for name in names[field])})" for field in FIELDS}
    values["occurred_at"] = f"epoch_ms({values['occurred_at']})::timestamptz"
    values["source"] = "coalesce(event.source, 'unknown')"
    return ", ".join(f"{values[field]} as {field}" for field in table_of(topic)[1])


def write(lake: Path, lines: str) -> None:
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    types = FIELDS | {alias: FIELDS[field] for alias, field in ALIASES.items()}
    event = ", ".join(f"{name} {kind}" for name, kind in types.items())
    columns = f"{{topic: 'varchar', partition: 'integer', 'offset': 'bigint', record_time: 'bigint', event: 'struct({event})'}}"
    connection.execute(f"create table records as select * from read_json('{lines}', format = 'newline_delimited', columns = {columns})")
    groups = connection.execute(
        """select topic, partition, event is null, record_time // 3600000, min("offset"), max("offset")
           from records group by all order by all"""
    ).fetchall()
    for topic, partition, undecodable, hour, begin, end in groups:
        table = "undecodable" if undecodable else table_of(topic)[0]
        stamp = connection.execute("select strftime(make_timestamp(? * 3600000000), 'year=%Y/month=%m/day=%d/hour=%H')", [hour]).fetchone()[0]
        folder = lake / "bronze" / table / stamp
        folder.mkdir(parents=True, exist_ok=True)
        what = "'key'::blob as key, 'no Avro'::blob as value, 'not Avro' as reason" if undecodable else select_of(topic)
        name = f"{topic + '-' if undecodable else ''}{partition}-{begin:014}-{end:014}"
        connection.execute(
            f"""copy (
                select {what}, {ORIGIN} from records
                where topic = '{topic}' and partition = {partition} and (event is null) = {undecodable}
                  and record_time // 3600000 = {hour}
                order by "offset"
            ) to '{folder}/{name}.parquet'"""
        )


if __name__ == "__main__":
    write(Path(sys.argv[1]), sys.argv[2])
