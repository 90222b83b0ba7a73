"""The heart of Segue's topology on Quix Streams: cleansing, sessions, co-occurrence and affinity of the reference workload.

It is given an easier task than Segue's: events of a listener are expected in the order of their times (the reference
workload has them so), a session is never merged, nothing expires, no lists of neighbours, charts or views are published.
Formulas: docs/semantics.md. Prints one JSON line: events, seconds, cpu (seconds), rss (MB); --out: the state, read back from the
committed changelog topics.
"""

import argparse
import json
import resource
import time
from collections import defaultdict

from confluent_kafka import Consumer, TopicPartition
from quixstreams import Application
from quixstreams.models.serializers.avro import AvroDeserializer
from quixstreams.models.serializers.schema_registry import SchemaRegistryClientConfig

DAY = 86_400_000
LANDMARK = 1_577_836_800_000
SESSION_GAP = 60 * 60_000
MOST_PLAYS = 500
NEAREST = 20
TOPICS = ["spotify-plays", "spotify-skips", "spotify-likes", "spotify-events"]
WEIGHTS = {"play": 1.0, "like": 3.0, "unlike": -3.0, "skip": -0.5}


def quantum(x):
    """The nearest multiple of 2^-20, halves upwards."""
    return int(x * 1_048_576 + 0.5) / 1_048_576


def type_of(topic, event):
    if topic == "spotify-likes":
        return "like" if event["liked"] else "unlike"
    if topic == "spotify-skips":
        return "skip"
    if topic == "spotify-plays":
        played = event.get("ms_played")
        return "skip" if played is not None and played < 30_000 else "play"
    return "pause" if str(event["event_type"]).lower() == "pause" else "other"


def millis(when):
    return when if isinstance(when, int) else round(when.timestamp() * 1000)


def canonical(topic):
    def convert(event):
        return {
            "user": event["user_id"],
            "track": event["track_id"],
            "artist": event["artist_id"],
            "at": millis(event["occurred_at"]),
            "type": type_of(topic, event),
        }

    return convert


def valid(event):
    return bool(event["user"] and event["track"] and event["artist"])


def listener(event, state):
    """One accepted event of a listener: updates affinity and session, gives what it adds to each track's vector."""
    seen = f"seen:{event['track']}|{event['at']}|{event['type']}"
    if state.exists(seen):
        return []
    state.set(seen, 1)
    weight = WEIGHTS.get(event["type"])
    if weight is not None:
        key = f"artist:{event['artist']}"
        state.set(key, state.get(key, 0.0) + weight * 2 ** ((event["at"] - LANDMARK) / (90 * DAY)))
    state.set("latest", max(event["at"], state.get("latest", 0)))
    return played(event, state) if event["type"] == "play" else []


def played(event, state):
    track, at = event["track"], event["at"]
    session = state.get("session")
    if session is None or at - session["last"] > SESSION_GAP:
        session = {"last": at, "plays": 0, "order": []}
        state.set("sessions", state.get("sessions", 0) + 1)
    session["last"] = at
    session["plays"] += 1
    adds = additions(track, at, session["order"]) if session["plays"] <= MOST_PLAYS else []
    # The distinct tracks, the last played one last.
    session["order"] = [other for other in session["order"] if other != track] + [track]
    state.set("session", session)
    return adds


def additions(track, at, order):
    """What a play of a track after these others adds: one record for each track whose vector changes."""
    g = 2 ** ((at - LANDMARK) / (365 * DAY))
    new = track not in order
    vectors = defaultdict(dict)
    others = [other for other in reversed(order) if other != track]
    for k, other in enumerate(others, 1):
        near = k <= NEAREST
        if near or new:
            vectors[other][track] = [int(new), quantum(g / k) if near else 0]
            vectors[track][other] = [int(new), quantum(0.3 * g / k) if near else 0]
    own = {"track": track, "n": quantum(g), "sessions": int(new), "pairs": vectors.pop(track, {})}
    return [own, *({"track": other, "n": 0, "sessions": 0, "pairs": pairs} for other, pairs in vectors.items())]


def vector(addition, state):
    if addition["n"]:
        n, sessions = state.get("track", [0, 0])
        state.set("track", [n + addition["n"], sessions + addition["sessions"]])
    for other, (together, weight) in addition["pairs"].items():
        key = f"pair:{other}"
        had_together, had_weight = state.get(key, [0, 0])
        state.set(key, [had_together + together, had_weight + weight])


def run(args):
    progress = {"last": time.monotonic(), "cpu": 0.0}
    undecodable = []

    def processed(_topic, _partition, _offset):
        progress["last"] = time.monotonic()
        progress["cpu"] = time.process_time()

    def broken(_error, message, _logger):
        undecodable.append(message)
        return True

    app = Application(
        broker_address=args.broker,
        consumer_group=args.group,
        auto_offset_reset="earliest",
        processing_guarantee="exactly-once",
        state_dir=args.state,
        loglevel="WARNING",
        on_consumer_error=broken,
        on_message_processed=processed,
        topic_create_timeout=60,
    )
    avro = AvroDeserializer(schema_registry_client_config=SchemaRegistryClientConfig(url=args.registry))
    inputs = [app.dataframe(app.topic(name, value_deserializer=avro, key_deserializer="string")).apply(canonical(name)) for name in TOPICS]
    events = inputs[0].concat(inputs[1]).concat(inputs[2]).concat(inputs[3])
    added = events.filter(valid).apply(listener, stateful=True, expand=True)
    added.group_by("track").update(vector, stateful=True)

    started = time.monotonic()
    app.run(timeout=args.idle)
    return {
        "seconds": progress["last"] - started,
        "cpu": progress["cpu"],
        "rss": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "undecodable": len(undecodable),
    }


def committed_state(broker, group):
    """The last value of each key of each committed changelog: {store key: value}, for listeners and for tracks."""
    consumer = Consumer({"bootstrap.servers": broker, "group.id": f"{group}-check", "isolation.level": "read_committed", "enable.partition.eof": True})
    topics = consumer.list_topics().topics
    state = {}
    for name in (name for name in topics if name.startswith(f"changelog__{group}--")):
        partitions = [TopicPartition(name, p, 0) for p in topics[name].partitions]
        consumer.assign(partitions)
        open_partitions = len(partitions)
        while open_partitions:
            message = consumer.poll(10)
            if message is None:
                raise SystemExit(f"{name}: no end was read within 10 s.")
            if message.error():
                open_partitions -= 1
            elif message.value() is not None:
                state[message.key().decode()] = json.loads(message.value())
    consumer.close()
    return state


def shaped(state):
    """{affinity: {user: {artist: sum at the landmark}}, latest: {user: ms}, sessions, tracks: {track: {n, sessions, pairs}}}."""
    out = {"affinity": defaultdict(dict), "latest": {}, "sessions": 0, "tracks": defaultdict(lambda: {"pairs": {}})}
    for key, value in state.items():
        owner, _, name = key.partition("|")
        owner = owner.strip('"')
        kind, _, of = name.strip('"').partition(":")
        if kind == "artist":
            out["affinity"][owner][of] = value
        elif kind == "latest":
            out["latest"][owner] = value
        elif kind == "sessions":
            out["sessions"] += value
        elif kind == "track":
            out["tracks"][owner].update(n=value[0], sessions=value[1])
        elif kind == "pair":
            out["tracks"][owner]["pairs"][of] = value
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--broker", required=True)
    parser.add_argument("--registry", required=True)
    parser.add_argument("--group", required=True)
    parser.add_argument("--state", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--idle", type=float, default=15, help="seconds without a record after which the input is at its end")
    args = parser.parse_args()
    figures = run(args)
    with open(args.out, "w") as file:
        json.dump(shaped(committed_state(args.broker, args.group)), file)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
