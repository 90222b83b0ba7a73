import type { Test } from 'tap'
import { LogConfigError, ProducerFencedError } from '../../streams/log/log.js'
import type { LogHarness } from './log.js'
import { eventually, offsetOf, readAll, record, texts, topicOf, until } from './log-helpers.js'

export function transactionContract(t: Test, harness: LogHarness): void {
  t.test('a transaction writes records and offsets together', async t => {
    let log = await harness.open(t)
    const [input, output] = [await topicOf(harness, log, 'input'), await topicOf(harness, log, 'output', 2)]
    const group = harness.unique('group')
    const producer = await log.transactionalProducer(harness.unique('producer'))
    const { ends } = await producer.commit({
      group,
      records: [record(output, 'a', '1'), record(output, 'b', '2'), record(output, 'c', '3', { partition: 1 })],
      offsets: [{ topic: input, partition: 0, offset: 5 }]
    })
    t.equal(ends.length, 2)
    for (const partition of [0, 1]) {
      const at = { topic: output, partition }
      const position = offsetOf(ends, output, partition)!
      await until(async () => (await log.endOffset(at)) >= position)
      t.strictSame(await readAll(log, at, position), [], 'the position reached is beyond all that was written, and not beyond the end')
      const end = position + (harness.capabilities.markers ? 1 : 0)
      await until(async () => (await log.endOffset(at)) === end)
    }
    await producer.commit({ group, records: [], offsets: [{ topic: input, partition: 0, offset: 6 }] })
    await producer.commit({ group, records: [record(output, 'd', '4')], offsets: [] })
    await producer.close()
    for (let time = 0; time < 2; time++) {
      const opened = log
      await eventually(t, async () => texts(await readAll(opened, { topic: output, partition: 0 })), ['a=1', 'b=2', 'd=4'])
      const places = [input, output].map(topic => ({ topic, partition: 0 }))
      await eventually(t, () => opened.committed(group, places), [6, undefined])
      log = await harness.reopen(t, log)
    }
  })

  t.test('a transaction that is refused writes nothing', async t => {
    const log = await harness.open(t)
    const topic = await topicOf(harness, log, 'output')
    const group = harness.unique('group')
    const producer = await log.transactionalProducer(harness.unique('producer'))
    const records = [record(topic, 'a', '1'), record(harness.unique('unknown'), 'a', '1')]
    await t.rejects(producer.commit({ group, records, offsets: [{ topic, partition: 0, offset: 1 }] }), LogConfigError)
    t.strictSame(await readAll(log, { topic, partition: 0 }), [])
    t.strictSame(await log.committed(group, [{ topic, partition: 0 }]), [undefined])
  })

  t.test('a newer producer of the same id fences the older', async t => {
    let log = await harness.open(t)
    const topic = await topicOf(harness, log, 'fence')
    const [group, id] = [harness.unique('group'), harness.unique('producer')]
    const at = { topic, partition: 0 }
    const commit = (value: string, offset: number) => ({ group, records: [record(topic, 'k', value)], offsets: [{ ...at, offset }] })
    const zombie = await log.transactionalProducer(id)
    const other = await log.transactionalProducer(harness.unique('other'))
    await zombie.commit(commit('1', 1))
    const newer = await log.transactionalProducer(id)
    await t.rejects(zombie.commit(commit('zombie', 99)), ProducerFencedError)
    t.strictSame(await log.committed(group, [at]), [1])
    await newer.commit(commit('2', 2))
    await t.rejects(zombie.commit(commit('zombie', 99)), ProducerFencedError)
    await other.commit(commit('3', 3))
    log = await harness.reopen(t, log)
    const newest = await log.transactionalProducer(id)
    await newest.commit(commit('4', 4))
    await eventually(t, async () => texts(await readAll(log, at)), ['k=1', 'k=2', 'k=3', 'k=4'])
    await eventually(t, () => log.committed(group, [at]), [4])
  })

  t.test('readers see whole transactions only, in the order of commits', async t => {
    const log = await harness.open(t)
    const [one, two] = [await topicOf(harness, log, 'one'), await topicOf(harness, log, 'two')]
    const group = harness.unique('group')
    const producers = await Promise.all([1, 2, 3].map(n => log.transactionalProducer(harness.unique(`producer-${n}`))))
    let running = true
    const writers = Promise.all(
      producers.map(async (producer, p) => {
        for (let i = 0; i < 8; i++) {
          const value = `${p}-${i}`
          await producer.commit({
            group,
            records: [record(one, value, 'x'), record(one, value, 'y'), record(two, value, 'z')],
            offsets: []
          })
        }
      })
    ).then(() => {
      running = false
    })
    let reads = 0
    do {
      const first = await readAll(log, { topic: one, partition: 0 })
      t.equal(first.length % 2, 0, 'both records of a transaction or none')
      const second = await readAll(log, { topic: two, partition: 0 })
      const seen = new Set(second.map(r => r.key?.toString()))
      if (!harness.capabilities.markers)
        t.ok(
          first.every(r => seen.has(r.key?.toString())),
          'what is visible in one partition is visible in the others'
        )
      reads++
      await new Promise(resolve => setImmediate(resolve))
    } while (running)
    await writers
    t.ok(reads > 0)
    await eventually(t, async () => (await readAll(log, { topic: one, partition: 0 })).length, 48)
    await eventually(t, async () => (await readAll(log, { topic: two, partition: 0 })).length, 24)
    for (const p of [0, 1, 2]) {
      const own = (await readAll(log, { topic: two, partition: 0 })).map(r => `${r.key}`).filter(key => key.startsWith(`${p}-`))
      t.strictSame(
        own,
        Array.from({ length: 8 }, (_, i) => `${p}-${i}`)
      )
    }
  })
}
