import { readdirSync } from 'node:fs'
import t from 'tap'
import { type LedgerPlay, openLedger } from '../../connect/ledger.js'

const play = (occurredAt: number, trackId: string, type = 'play'): LedgerPlay => ({
  occurredAt,
  trackId,
  type,
  nameId: `name:${trackId}`,
  msPlayed: 180_000,
  source: 'export'
})

t.test('knows what was noted, also when opened again', async t => {
  const directory = t.testdir()
  const ledger = await openLedger(directory, 'ann')
  const plays = [play(1_600_000_000_000, 'a'), play(1_600_000_000_000, 'b'), play(1_600_000_000_000, 'a', 'skip')]
  t.strictSame(await ledger.fresh([...plays, plays[0]!]), plays, 'of equal ones the first')
  await ledger.note(plays.slice(0, 2))
  t.strictSame(await ledger.fresh(plays), plays.slice(2))
  await ledger.close()
  const again = await openLedger(directory, 'ann')
  t.strictSame(await again.fresh(plays), plays.slice(2))
  t.strictSame(await again.fresh([]), [])
  await again.close()
})

t.test('each account has its own, whatever its id', async t => {
  const directory = t.testdir()
  const ids = ['ann', 'Ann', '../ann', 'a/n/n', 'ä', '', 'x'.repeat(128), 'CON']
  for (const id of ids) {
    const ledger = await openLedger(directory, id)
    t.strictSame(await ledger.fresh([play(1, 'a')]), [play(1, 'a')], id)
    await ledger.note([play(1, 'a')])
    await ledger.close()
  }
  t.equal(new Set(readdirSync(directory).map(name => name.toLowerCase())).size, ids.length)
})

t.test('finds the plays around a moment, in order', async t => {
  const ledger = await openLedger(t.testdir(), 'ann')
  const plays = [play(990, 'z'), play(1000, 'b'), play(1_000_000, 'a'), play(1120, 'a', 'skip')]
  await ledger.note(plays)
  const found: LedgerPlay[] = []
  for await (const one of ledger.between(1000, 1_000_000)) found.push(one)
  t.strictSame(found, [plays[1], plays[3]])
  await ledger.close()
})

t.test('two at once: the second is told why not', async t => {
  const directory = t.testdir()
  const ledger = await openLedger(directory, 'ann')
  await t.rejects(openLedger(directory, 'ann'), {
    name: 'LedgerLockedError',
    message: 'Another process is importing for ann just now: wait until it is done.'
  })
  await ledger.close()
})
