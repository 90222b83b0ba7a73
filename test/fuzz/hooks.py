"""Lets schemathesis write NDJSON: what it makes up, every second time within an event that would be accepted without."""

import json
import zlib

import schemathesis

EVENT = {"user_id": "listener-1", "track_name": "Track 1", "artist_name": "Artist 1", "occurred_at": 1_704_067_200_000}


@schemathesis.serializer("application/x-ndjson", "application/ndjson", "application/jsonl")
def lines(ctx, value):
    text = json.dumps(value)
    if zlib.crc32(text.encode()) % 2 == 0:
        made_up = value if isinstance(value, dict) else {"event_id": text}
        text = json.dumps({"topic": "spotify-plays", "event": {"event_id": text[:100], **EVENT, **made_up}})
    return text.encode("utf-8", "surrogatepass")
