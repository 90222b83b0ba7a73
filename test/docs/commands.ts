/** What becomes of each command in the documentation. A new one needs a line here; a line that no document has fails too. */
export type How =
  /** It is run as it stands, in this order, in a directory with events: it ends with 0 and prints this. */
  | { readonly prints: RegExp }
  /** The test that runs it, and a text in that test that shows so. */
  | { readonly test: string; readonly has: string }
  /** Nothing runs it, and why. */
  | { readonly not: string }

const covered = (test: string, has: string): How => ({ test, has })
const account = 'it needs an account at Snowflake; test/connect/warehouse.test.ts tests what it sends'
const whole = 'it runs the tests themselves'

export const commands: Readonly<Record<string, How>> = {
  'npx segue lag': { prints: /spotify-plays/ },
  'npx segue dlq list': { prints: /BAD_/ },
  'npx segue dlq retry --code BAD_TIME': { prints: /BAD_TIME|--execute/ },
  'npx segue lake flush': { prints: /in the lake/ },
  'npx segue lake ls': { prints: /spotify_plays/ },
  'npx segue lake verify': { prints: /every file intact/ },
  'npx segue lake compact': { prints: /files merged/ },
  'npx segue key create --user prometheus --scope admin --days 90': { prints: /segue_[0-9a-f]{12}_/ },
  'npx segue key list': { prints: /prometheus/ },
  'npx segue spotify status': { prints: /No account is connected/ },
  'npx segue warehouse setup --dry-run': { prints: /CREATE/ },
  'npx segue replay --from-lake --data-dir new': { prints: /--execute/ },
  'npx segue replay --from-lake --data-dir new --execute': { prints: /spotify-plays/ },
  'npx segue replay --to-earliest': { prints: /--execute/ },
  'npx segue replay --to-earliest --execute': { prints: /\S/ },

  'npm ci && npm start': covered('.ci/run', 'npm ci'),
  'npx segue start': covered('test/product/instance.ts', "'start', '--no-simulator'"),
  'npx segue start --no-simulator': covered('test/product/instance.ts', "'start', '--no-simulator'"),
  'npx segue start --data-dir new': covered('test/product/lake.test.ts', '--from-lake'),
  'npx segue import my_spotify_data --user me': covered('test/product/cli.test.ts', "'import'"),
  'npx segue spotify connect': covered('test/product/spotify.test.ts', 'startSegue'),
  'export SPOTIFY_CLIENT_ID=...': { not: 'a setting: whose app it is' },
  "curl 'http://127.0.0.1:3000/v1/recommendations?user_id=USER&limit=5'": covered(
    'test/api/cache.test.ts',
    '/recommendations?user_id=u&limit=1'
  ),
  "curl -X POST http://127.0.0.1:3000/v1/ingest -H 'content-type: application/x-ndjson' -H 'traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' --data-binary @event.jsonl":
    covered('test/observe/traces.test.ts', '/v1/ingest'),
  'npm run stack:up': covered('test/kafka/run.ts', 'startStack'),
  'npm run stack:status': covered('test/stack/stack.test.ts', 'stackStatus'),
  'npm run stack:down': covered('test/stack/stack.test.ts', 'stopStack'),
  'SEGUE_MODE=kafka npm start': covered('test/kafka/blue-green.test.ts', "SEGUE_MODE: 'kafka'"),
  'SEGUE_MODE=kafka SEGUE_APPLICATION_ID=segue-2 SEGUE_DATA_DIR=data-2 PORT=3001 npx segue start --no-simulator': covered(
    'test/kafka/blue-green.test.ts',
    'greenSettings'
  ),
  'npx segue switch --mode kafka --application-id segue-2': covered('test/kafka/blue-green.test.ts', "['switch']"),
  'npx segue switch --mode kafka --application-id segue-2 --execute': covered('test/kafka/blue-green.test.ts', "['switch', '--execute'"),
  'npx segue drop --mode kafka --application-id segue-2 --execute': covered('test/kafka/blue-green.test.ts', "['drop', '--execute']"),
  'npm run python:setup consumer': covered('package.json', 'tools/python/setup.sh consumer'),
  'export KAFKA_BOOTSTRAP_SERVERS=127.0.0.1:9092 SCHEMA_REGISTRY_URL=http://127.0.0.1:8081/apis/ccompat/v7': covered(
    'test/kafka/run.ts',
    'KAFKA_BOOTSTRAP_SERVERS'
  ),
  '.venv/consumer/bin/python docs/consumer/consume.py track-neighbours': covered('test/kafka/evolution.test.ts', 'consume.py'),
  'redis-cli HGET segue:segue:track-details TRACK_ID': { not: 'it looks at what test/contract/view.ts reads through the view' },
  'redis-cli ZRANGE segue:segue:charts:keys - + BYLEX': { not: 'it looks at what test/contract/view.ts reads through the view' },
  'redis-cli HGETALL segue:segue:pipeline-counts': { not: 'it looks at what test/contract/view.ts reads through the view' },
  'export SEGUE_LAKE=s3://music/lake': covered('test/lake/config.test.ts', 's3://music/'),
  'npx segue erase ann --confirm ann': covered('test/product/personal-data.test.ts', "['erase', 'ann', '--confirm', 'ann']"),
  'npx segue lake erase': covered('test/faults/lake-s3.test.ts', 'lake/erase.js'),
  'npx segue lake flush && npx segue lake erase': covered('test/faults/lake-s3.test.ts', 'lake/erase.js'),
  'npx segue reconcile': covered('test/batch/reconcile.test.ts', "'reconcile'"),
  'npx segue reconcile --repair': covered('test/batch/reconcile.test.ts', "'--repair'"),
  'dbt/bin/dbt build --full-refresh': { not: 'dbt build is tested; this makes its tables anew' },
  'dbt/bin/dbt show --inline "select count(*) from bronze.raw_plays"': { not: 'it looks at what test/batch reads' },
  'npm ci': covered('.ci/run', 'npm ci'),
  'npm run check': covered('package.json', 'npm run check --silent'),
  'npm test': covered('.ci/run', 'npm test'),
  'npm run test:faults': { not: whole },
  'npm run bench': { not: 'it measures, for minutes' },
  'npx segue warehouse setup': { not: account },
  'npx segue warehouse refresh': { not: account },
  'SEGUE_DBT_TARGET=snowflake SEGUE_DBT_ENVIRONMENT=snowflake dbt/bin/dbt build': { not: account },
  'npm run python:setup': covered('package.json', 'tools/python/setup.sh dbt'),
  'dbt/bin/dbt build': covered('test/batch/support.ts', 'dbt/bin/dbt'),
  'dbt/bin/dbt source freshness': covered('airflow/dags/data_quality_monitoring.py', 'freshness'),
  'dbt/bin/dbt docs generate': { not: 'it writes pages of dbt itself' },
  'npm run build && npm run python:setup -- airflow dbt': covered('package.json', 'tools/python/setup.sh dbt airflow'),
  'airflow/bin/airflow standalone': { not: 'it runs until it is ended; test/batch/dags.test.ts loads the DAGs in it' },
  'airflow/bin/airflow dags test spotify_pipeline_basic': covered('test/batch/full', 'spotify_pipeline_basic')
}
