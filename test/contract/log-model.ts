import fc from 'fast-check'
import type { Test } from 'tap'
import type { Log, NewRecord, OffsetCommit } from '../../streams/log/log.js'
import type { LogHarness } from './log.js'
import { readAll, record, texts, until } from './log-helpers.js'

/** A record as `[partition, key, value]`; a null value is a tombstone. */
type Sent = readonly [partition: number, key: number, value: number | null]
type Action =
  | { readonly kind: 'send' | 'commit'; readonly records: readonly Sent[] }
  | { readonly kind: 'delete'; readonly partition: number; readonly share: number }
  | { readonly kind: 'compact' | 'reopen' | 'fence' }

const PARTITIONS = 2
const sent: fc.Arbitrary<Sent> = fc.tuple<[number, number, number | null]>(
  fc.nat(PARTITIONS - 1),
  fc.nat(3),
  fc.option(fc.nat(99), { freq: 6, nil: null })
)
const action = (compact: boolean): fc.Arbitrary<Action> =>
  fc.oneof(
    { weight: 5, arbitrary: fc.record({ kind: fc.constantFrom('send', 'commit'), records: fc.array(sent, { maxLength: 8 }) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('delete' as const),
        partition: fc.nat(PARTITIONS - 1),
        share: fc.double({ min: 0, max: 1, noNaN: true })
      })
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constantFrom(...(compact ? (['compact', 'reopen', 'fence'] as const) : (['reopen', 'fence'] as const)))
      })
    }
  )

/** What a partition must hold, in the simplest way. */
class Model {
  readonly records: { offset: number; key: string; text: string }[] = []
  start = 0
  end = 0

  append(key: number, value: number | null): void {
    this.records.push({ offset: this.end++, key: `k${key}`, text: `k${key}=${value}` })
  }

  get visible(): [number, string][] {
    return this.records.filter(({ offset }) => offset >= this.start).map(({ offset, text }) => [offset, text])
  }

  compact(): void {
    const last = new Map(this.records.map(({ key, offset }) => [key, offset]))
    const kept = this.records.filter(({ key, offset }) => offset < this.start || last.get(key) === offset)
    this.records.splice(0, this.records.length, ...kept)
  }
}

export function modelContract(t: Test, harness: LogHarness): void {
  const { compact, markers, modelRuns } = harness.capabilities
  t.test('any sequence of actions leaves what a simple model says', async t => {
    const run = (actions: readonly Action[]): Promise<void> => check(t, harness, actions)
    await fc.assert(fc.asyncProperty(fc.array(action(compact !== undefined), { minLength: 1, maxLength: markers ? 12 : 25 }), run), {
      numRuns: modelRuns
    })
  })
}

async function check(t: Test, harness: LogHarness, actions: readonly Action[]): Promise<void> {
  let log = await harness.open(t)
  const [topic, id, group] = [harness.unique('model'), harness.unique('producer'), harness.unique('group')]
  const { compact, markers } = harness.capabilities
  await log.ensureTopics([{ name: topic, partitions: PARTITIONS, cleanup: compact ? 'compact' : 'delete', retentionMs: -1 }])
  let producer = await log.transactionalProducer(id)
  const models = Array.from({ length: PARTITIONS }, () => new Model())
  let commits = 0
  for (const action of actions) {
    if (action.kind === 'send' || action.kind === 'commit') {
      const records: NewRecord[] = action.records.map(([partition, key, value]) =>
        record(topic, `k${key}`, value === null ? null : `${value}`, { partition })
      )
      for (const [partition, key, value] of action.records) models[partition]!.append(key, value)
      let ends: readonly OffsetCommit[] = []
      if (action.kind === 'send') ends = await log.send(records)
      else ({ ends } = await producer.commit({ group, records, offsets: [{ topic, partition: 0, offset: ++commits }] }))
      for (const { partition, offset } of ends) {
        const model = models[partition]!
        assertEqual(offset, model.end)
        if (action.kind === 'commit' && markers) model.end++
        await until(async () => (await log.endOffset({ topic, partition })) === model.end)
      }
    } else if (action.kind === 'delete') {
      const model = models[action.partition]!
      const offset = Math.round(action.share * model.end)
      model.start = Math.max(model.start, offset)
      await log.deleteRecords([{ topic, partition: action.partition, offset }])
    } else if (action.kind === 'compact') {
      await compact!(log)
      for (const model of models) model.compact()
    } else if (action.kind === 'reopen') {
      log = await harness.reopen(t, log)
      producer = await log.transactionalProducer(id)
    } else {
      producer = await log.transactionalProducer(id)
    }
    for (const [partition, model] of models.entries()) await compare(log, topic, partition, model)
  }
  const expected = commits === 0 ? undefined : commits
  await until(async () => (await log.committed(group, [{ topic, partition: 0 }]))[0] === expected)
  await log.close()
}

async function compare(log: Log, topic: string, partition: number, model: Model): Promise<void> {
  const at = { topic, partition }
  assertEqual(await log.beginningOffset(at), model.start)
  for (const from of [model.start, Math.floor((model.start + model.end) / 2)]) {
    const found = await readAll(log, at, from, 20)
    assertEqual(
      JSON.stringify(found.map((r, i) => [r.offset, texts(found)[i]])),
      JSON.stringify(model.visible.filter(([offset]) => offset >= from))
    )
  }
}

function assertEqual(found: unknown, wanted: unknown): void {
  if (found !== wanted) throw new Error(`found ${found}, wanted ${wanted}`)
}
