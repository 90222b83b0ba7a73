/** What `--help` shows last: how a command is used, as it would be typed. */
export const examples: Readonly<Record<string, string>> = {
  start: `
  segue start                                    simulated listeners, http://127.0.0.1:3000
  segue start --no-simulator --port 8080         your own events only
  segue start --data-dir /var/lib/segue          what it has computed is there when it starts again

  One process at a time has a data directory; import, produce and dump go through the running one. Ctrl-C commits and
  stops, a second Ctrl-C stops at once.`,
  simulate: `
  segue simulate --days 30                       the last thirty days
  segue simulate --from 2026-01-01 --days 7      that week; run again, it publishes nothing
  segue simulate --seed other --listeners 1000   other people`,
  import: `
  segue import my_spotify_data.zip --user me     as Spotify has sent it: the zip, its directory, or one file
  segue import "Spotify Account Data" --user me

  Ctrl-C stops after the current batch, and importing again goes on from there. A play that was imported, polled or
  backfilled before is known. Plays of less than 30 seconds count as skips.`,
  produce: `
  segue produce events.jsonl
  jq -c '{topic: "spotify-plays", event: .}' plays.json | segue produce -

  A line: {"topic": "spotify-plays", "event": {"event_id": "1", "user_id": "me", "track_id": "t1", "track_name": "One",
  "artist_id": "a1", "artist_name": "Somebody", "occurred_at": "2026-01-31T17:05:00Z"}}
  Topics: spotify-plays, spotify-skips, spotify-likes, spotify-events. Bad lines are named and passed over (exit code 1).`,
  topology: `
  segue topology
  segue topology --mermaid > topology.mmd`,
  dump: `
  segue dump > state.json                        of the running instance, or of its data when it is stopped
  segue dump --input events.jsonl                of these events alone, without touching anything else`,
  evaluate: `
  segue evaluate events.jsonl targets.jsonl
  segue evaluate events.jsonl targets.jsonl --strategy baseline --out predicted.jsonl

  Each target is predicted from all events before it, then learnt. Prints HR@10, NDCG@10 and MRR@10 per strategy.`
}
