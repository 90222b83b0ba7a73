import t from 'tap'
import { createLogger } from '../../api/server.js'
import { scrubber } from '../../tools/scrub.js'

const secrets = {
  KAFKA_API_SECRET: 'kafka "secret" with quotes',
  SCHEMA_REGISTRY_PASSWORD: 'registry-password',
  REDIS_URL: 'rediss://user:redis%20password@host:6379',
  AWS_SECRET_ACCESS_KEY: 'aws/secret+key',
  AWS_SESSION_TOKEN: 'aws-session',
  MINIO_SECRET_KEY: 'minio-secret',
  SPOTIFY_CLIENT_SECRET: 'spotify-secret',
  SPOTIFY_TOKEN_KEYS: 'new:bmV3LWtleQ==,old:b2xkLWtleQ==',
  SNOWFLAKE_PRIVATE_KEY_PASSPHRASE: 'snow-passphrase',
  GMAIL_APP_PASSWORD: 'gmail-password',
  OTEL_EXPORTER_OTLP_HEADERS: 'x-key=otlp-header',
  SEGUE_API_KEY: `segue_0123456789ab_${'k'.repeat(43)}`
}
const values = [
  ...Object.values(secrets).filter(value => !value.includes('://')),
  'redis password',
  'bmV3LWtleQ==',
  'b2xkLWtleQ==',
  'redis%20password',
  // Not of the environment.
  `segue_ffffffffffff_${'s'.repeat(43)}`,
  'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl'
]

t.test('no secret reaches the log: not in messages, errors, their properties, headers or addresses', async t => {
  const lines: string[] = []
  const logger = createLogger('info', { write: (line: string) => void lines.push(line) }, scrubber(secrets))
  for (const secret of values) {
    logger.warn(`It failed with ${secret} in the middle.`)
    const error = Object.assign(new Error(`refused: ${secret}`), { command: { name: 'auth', args: ['user', secret] } })
    logger.error({ err: error, config: { deep: { er: { value: secret } } } }, 'A request failed')
    logger.child({ task: 'listeners-0' }).info({ note: secret })
  }
  logger.info({ headers: { authorization: 'Bearer abcdefghi', cookie: 'segue_session=abc' } })
  logger.info('GET https://user:abcdefgh@host/ with Authorization: Basic dXNlcjpwYXNz and refresh_token=abcdefgh&x=1')
  const text = lines.join('')
  for (const secret of values) {
    t.notOk(text.includes(secret), `${secret} is not there`)
    t.notOk(text.includes(JSON.stringify(secret).slice(1, -1)), `${secret} is not there in JSON`)
  }
  t.notMatch(text, /abcdefgh|dXNlcjpwYXNz|segue_session=abc/)
  for (const line of lines) t.doesNotThrow(() => JSON.parse(line), 'each line is JSON')
  t.match(text, 'in the middle.')
})

t.test('what is no secret stays', async t => {
  const scrub = scrubber({ KAFKA_API_KEY: 'abc', SEGUE_AUTH: 'on', PORT: '3000', AWS_SECRET_ACCESS_KEY: '' })
  const text = 'abc listeners-0 is on at http://127.0.0.1:3000, code 5, offset 12; see redis://host:6379 and user@example.org'
  t.equal(scrub(text), text)
})
