/**
 * Which test runs each command of the documentation, as it stands: the file `PLACE.test.ts` beside this one. Its shell checks that it has run
 * all that is listed for it. A command that no document has any more fails too.
 */
export const places = {
  commands: [
    'npx segue lag',
    'npx segue dlq list',
    'npx segue dlq retry --code BAD_TIME',
    'npx segue lake flush',
    'npx segue lake ls',
    'npx segue lake verify',
    'npx segue lake compact',
    'npx segue key create --user prometheus --scope admin --days 90',
    'npx segue key list',
    'npx segue spotify status',
    'npx segue warehouse setup --dry-run',
    'npx segue replay --from-lake --data-dir new',
    'npx segue replay --from-lake --data-dir new --execute',
    'npx segue replay --to-earliest',
    'npx segue replay --to-earliest --execute'
  ],
  'full/running': [
    'npx segue start',
    'npx segue start --no-simulator',
    'npx segue start --data-dir new',
    'npx segue import my_spotify_data --user me',
    'export SPOTIFY_CLIENT_ID=...',
    'npx segue spotify connect',
    "curl 'http://127.0.0.1:3000/v1/recommendations?user_id=USER&limit=5'",
    "curl -X POST http://127.0.0.1:3000/v1/ingest -H 'content-type: application/x-ndjson' -H 'traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' --data-binary @event.jsonl",
    'npx segue erase ann --confirm ann',
    'npx segue lake erase',
    'npx segue lake flush && npx segue lake erase'
  ],
  'full/stack': [
    'npm run stack:up',
    'npm run stack:status',
    'npm run stack:down',
    'SEGUE_MODE=kafka npm start',
    'SEGUE_MODE=kafka SEGUE_APPLICATION_ID=segue-2 SEGUE_DATA_DIR=data-2 PORT=3001 npx segue start --no-simulator',
    'npx segue switch --mode kafka --application-id segue-2',
    'npx segue switch --mode kafka --application-id segue-2 --execute',
    'npx segue drop --mode kafka --application-id segue-2 --execute',
    'npm run python:setup consumer',
    'export KAFKA_BOOTSTRAP_SERVERS=127.0.0.1:9092 SCHEMA_REGISTRY_URL=http://127.0.0.1:8081/apis/ccompat/v7',
    '.venv/consumer/bin/python docs/consumer/consume.py track-neighbours',
    'redis-cli HGET segue:segue:track-details TRACK_ID',
    'redis-cli ZRANGE segue:segue:charts:keys - + BYLEX',
    'redis-cli HGETALL segue:segue:pipeline-counts'
  ],
  'full/batch': [
    'npm run python:setup',
    'npm run build && npm run python:setup -- airflow dbt',
    'dbt/bin/dbt build',
    'dbt/bin/dbt source freshness',
    'dbt/bin/dbt docs generate',
    'export SEGUE_LAKE=s3://music/lake',
    'dbt/bin/dbt show --inline "select count(*) from bronze.raw_plays"',
    'npx segue reconcile',
    'npx segue reconcile --repair',
    'npx segue warehouse setup',
    'npx segue warehouse refresh',
    'SEGUE_DBT_TARGET=snowflake SEGUE_DBT_ENVIRONMENT=snowflake dbt/bin/dbt build',
    'airflow/bin/airflow dags test spotify_pipeline_basic',
    'airflow/bin/airflow standalone'
  ],
  'full/fresh': ['npm ci && npm start', 'npm ci', 'npm run check', 'npm run bench']
} as const satisfies Record<string, readonly string[]>

export type Place = keyof typeof places

/** Commands that a script runs: the line stands in it. */
export const scripts: Readonly<Record<string, string>> = { 'npm test': '.ci/run' }

/** And those that nothing here runs, with the reason. */
export const notRun: Readonly<Record<string, string>> = {
  'npm run test:faults': 'it runs the tests that run these commands'
}
