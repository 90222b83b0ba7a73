import { copyFileSync, existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { ExportNotFoundError } from '../../connect/export-import/files.js'
import { type ImportSummary, importExport } from '../../connect/export-import/import.js'
import { describeSummary, exitCodeOf } from '../../connect/export-import/report.js'
import { openLedger } from '../../connect/ledger.js'
import type { EventProducer } from '../../connect/producer.js'
import type { Play } from '../../schemas/events.js'
import { eventId, trackIdFromName } from '../../schemas/ids.js'
import { projectRoot } from '../../schemas/root.js'
import { digest, RecordingProducer } from './support.js'

const fixtures = join(projectRoot, 'test', 'fixtures', 'export')
const at = (text: string) => Date.parse(`${text}Z`)

async function run(
  directory: string,
  path: string,
  producer: EventProducer,
  rest: { includePrivate?: boolean; signal?: AbortSignal } = {}
) {
  const ledger = await openLedger(join(directory, 'ledger'), 'ann')
  try {
    return await importExport(path, { user: 'ann', producer, ledger, ...rest })
  } finally {
    await ledger.close()
  }
}

const totals = ({ rows, published, known, ignored, bad }: ImportSummary) => ({ rows, published, known, ignored, bad })

t.test('the account data: minutes, names, podcasts apart', async t => {
  const producer = new RecordingProducer()
  const summary = await run(t.testdir(), join(fixtures, 'account'), producer)
  t.strictSame(totals(summary), { rows: 6, published: 3, known: 1, ignored: { 'no track': 1, podcast: 1 }, bad: 0 })
  t.ok(producer.events.every(({ topic, key }) => topic === 'spotify-plays' && key === 'ann'))
  const plays = producer.events.map(({ event }) => event as Play)
  const occurredAt = at('2023-04-01T08:12:00') - 194_000
  const trackId = trackIdFromName('Hollow Pines', 'Gravel')
  t.strictSame(plays[0], {
    event_id: eventId('ann', trackId, occurredAt, 'play'),
    user_id: 'ann',
    track_id: trackId,
    track_name: 'Gravel',
    artist_id: null,
    artist_name: 'Hollow Pines',
    album_name: null,
    occurred_at: occurredAt,
    duration_ms: null,
    ms_played: 194_000,
    device_type: null,
    country: null,
    source: 'export'
  })
  t.strictSame(
    plays.map(play => play.ms_played),
    [194_000, 1200, 203_511],
    'short ones too: the pipeline counts them as skips'
  )
})

t.test('the extended history: seconds, ids, devices, countries; videos, podcasts and private sessions apart', async t => {
  const producer = new RecordingProducer()
  const directory = t.testdir()
  const summary = await run(directory, join(fixtures, 'extended'), producer)
  t.strictSame(totals(summary), {
    rows: 7,
    published: 3,
    known: 0,
    ignored: { podcast: 1, 'no track': 1, 'private session': 1, video: 1 },
    bad: 0
  })
  const [first, skipped, own] = producer.events.map(({ event }) => event as Play)
  t.match(first, {
    track_id: '4uLU6hMCjMI75M1A2tKUQC',
    track_name: 'Gravel',
    artist_name: 'Hollow Pines',
    album_name: 'Strange Weather',
    occurred_at: at('2023-05-01T10:00:00'),
    ms_played: 200_000,
    device_type: 'iOS 16.4 (iPhone14,5)',
    country: 'DE'
  })
  t.match(skipped, { ms_played: 4100, album_name: 'Cut \ufffd' })
  t.equal(own!.track_id, trackIdFromName('Me', 'My Own Recording'), 'a file of their own has no id at Spotify')
  t.notMatch(JSON.stringify(producer.events), /192\.0\.2\.7|somebody/, 'addresses and names stay out')
  const again = await run(directory, join(fixtures, 'extended'), producer, { includePrivate: true })
  t.match(totals(again), { published: 1, known: 3 }, 'private sessions where asked for')
})

t.test('a file and the zip as it came', async t => {
  const directory = t.testdir()
  const producer = new RecordingProducer()
  const zipped = await run(directory, join(fixtures, 'my_spotify_data.zip'), producer)
  t.match(totals(zipped), { rows: 12, published: 6, known: 1 })
  t.equal(zipped.files, 2)
  const single = await run(directory, join(fixtures, 'account', 'StreamingHistory_music_0.json'), producer)
  t.match(totals(single), { rows: 6, published: 0, known: 4 })
})

t.test('what is malformed gets a sentence, the rest goes on', async t => {
  const producer = new RecordingProducer()
  const summary = await run(t.testdir(), join(fixtures, 'malformed'), producer)
  t.match(totals(summary), { published: 3, known: 0, bad: 9 })
  t.equal((producer.events.at(-1)!.event as Play).track_name, 'Last', 'StreamingHistory10 comes after 2')
  t.equal(exitCodeOf(summary), 1)
  const lines = describeSummary(summary)
  t.equal(lines[0], 'Read 10 rows of 4 files: 3 published, 0 already known, 0 ignored, 9 bad.')
  t.strictSame(lines.slice(1, 8), [
    'StreamingHistory0.json, row 2: endTime is "2023-04-31 09:00", not a time.',
    'StreamingHistory0.json, row 3: msPlayed is "long", not a whole number of milliseconds up to a day.',
    'StreamingHistory0.json, row 4: endTime is "1970-01-01 00:03", before Spotify existed (2006).',
    'StreamingHistory0.json, row 5: It is null, not an object.',
    'StreamingHistory0.json, row 6: It is 7, not an object.',
    'StreamingHistory0.json, row 7: It has neither endTime nor ts: it is no row of a listening history.',
    'StreamingHistory0.json, row 8: msPlayed is -5, not a whole number of milliseconds up to a day.'
  ])
  t.match(lines[8], /^StreamingHistory1\.json: It can't be read: .*JSON/)
  t.equal(lines[9], 'StreamingHistory2.json: It is not a list of plays.')
})

t.test('a byte order mark is passed over; what has not happened yet may be imported once it has', async t => {
  const row = (endTime: string) => ({ endTime, artistName: 'Hollow Pines', trackName: 'Ferry', msPlayed: 60_000 })
  const minute = (ms: number) => new Date(ms).toISOString().slice(0, 16).replace('T', ' ')
  const rows = [row('2023-04-30 09:00'), row(minute(Date.now() + 3_600_000))]
  const directory = t.testdir({ 'StreamingHistory0.json': `\ufeff${JSON.stringify(rows)}` })
  const producer = new RecordingProducer()
  const summary = await run(directory, directory, producer)
  t.match(totals(summary), { published: 1, bad: 1 })
  t.match(describeSummary(summary)[1], /^StreamingHistory0\.json, row 2: endTime is ".*", in the future\.$/)
})

t.test('nothing to import', async t => {
  const directory = t.testdir({ empty: {}, 'cut.zip': 'PK\u0003\u0004 and no more' })
  const producer = new RecordingProducer()
  await t.rejects(run(directory, join(directory, 'nowhere'), producer), { name: 'ExportNotFoundError', message: /^There is no / })
  await t.rejects(run(directory, join(directory, 'empty'), producer), {
    message: /holds no listening history: an export has files such as/
  })
  await t.rejects(run(directory, join(directory, 'cut.zip'), producer), { message: /is not a complete zip archive: was the download/ })
  const ledger = await openLedger(directory, 'ann')
  await t.rejects(importExport(fixtures, { user: '', producer, ledger }), RangeError)
  await ledger.close()
  t.ok(new ExportNotFoundError('x') instanceof Error)
})

const real = join(projectRoot, '..', 'shared', 'data', 'histories', 'u2')

t.test('after a crash anywhere, importing again publishes what is missing', async t => {
  const directory = t.testdir()
  const rows = Array.from({ length: 1800 }, (_, index) => ({
    endTime: new Date(at('2022-01-01T00:00:00') + index * 240_000).toISOString().slice(0, 16).replace('T', ' '),
    artistName: 'Hollow Pines',
    trackName: `Track ${index % 90}`,
    msPlayed: 200_000 + index
  }))
  const path = join(t.testdir({ 'StreamingHistory0.json': JSON.stringify(rows) }), 'StreamingHistory0.json')
  const whole = new RecordingProducer()
  await run(join(directory, 'undisturbed'), path, whole)
  t.equal(whole.events.length, 1800)
  for (const taken of [false, true]) {
    const place = join(directory, String(taken))
    const crashing = new RecordingProducer({ at: 3, taken })
    await t.rejects(run(place, path, crashing), { message: 'the power went' })
    const producer = new RecordingProducer()
    const summary = await run(place, path, producer)
    t.match(totals(summary), { published: 800, known: 1000 })
    const repeated = taken ? 500 : 0
    t.equal(digest([...crashing.events, ...producer.events.slice(repeated)]), digest(whole.events))
    t.equal(
      digest(producer.events.slice(0, repeated)),
      digest(crashing.events.slice(1000)),
      'what was sent but not noted comes again with the same content'
    )
  }
})

t.test('stops at a signal and says how to go on', async t => {
  const controller = new AbortController()
  controller.abort()
  const summary = await run(t.testdir(), join(fixtures, 'account'), new RecordingProducer(), { signal: controller.signal })
  t.equal(exitCodeOf(summary), 130)
  t.match(describeSummary(summary).at(-1), /Run the same command again/)
})

t.test('a real history, again and overlapping', { skip: !existsSync(real) && 'real histories are not here' }, async t => {
  const directory = t.testdir()
  const producer = new RecordingProducer()
  // An earlier export of the same person had the first file only.
  const early = join(directory, 'early')
  mkdirSync(early)
  const [first] = readdirSync(real).sort()
  copyFileSync(join(real, first!), join(early, first!))
  const before = await run(directory, early, producer)
  const after = await run(directory, real, producer)
  t.equal(before.published + after.published, 11_966)
  t.equal(after.known, before.published)
  t.equal(new Set(producer.events.map(({ event }) => event.event_id)).size, 11_966)
  t.match(totals(await run(directory, real, producer)), { published: 0, known: 11_966, bad: 0 })
})
