import fc from 'fast-check'
import t from 'tap'
import { countingFiles, type FileName, fileKey, hourOf, type LakeFile, parseKey } from '../../connect/lake/names.js'

const name: FileName = { table: 'spotify_plays', hour: Date.UTC(2026, 0, 31, 17), partition: 2, from: 1200, to: 1843 }

t.test('keys', async t => {
  const key = 'bronze/spotify_plays/year=2026/month=01/day=31/hour=17/2-00000000001200-00000000001843.parquet'
  t.equal(fileKey(name), key)
  t.strictSame(parseKey(key), name)
  const undecodable = { ...name, table: 'undecodable', topic: 'spotify-plays' }
  t.equal(fileKey(undecodable), key.replace('spotify_plays', 'undecodable').replace('/2-', '/spotify-plays-2-'))
  t.strictSame(parseKey(fileKey(undecodable)), undecodable)
  for (const other of [`${key}.tmp`, `x/${key}`, key.replace('year', 'y'), 'bronze/_SUCCESS']) t.equal(parseKey(other), undefined, other)
})

t.test('a name is read as it was written', async () => {
  fc.assert(
    fc.property(fc.nat(2 ** 40), fc.nat(999), fc.nat(2 ** 40), fc.nat(5_000), (time, partition, from, more) => {
      const file = { ...name, hour: hourOf(time * 1_000), partition, from, to: from + more }
      const back = parseKey(fileKey(file))
      return JSON.stringify(back) === JSON.stringify(file)
    })
  )
})

const file = (from: number, to: number, more: Partial<FileName> = {}): LakeFile => {
  const own = { ...name, from, to, ...more }
  return { ...own, key: fileKey(own), size: 1, modified: 0 }
}

t.test('a file that another one of its hour and partition spans does not count', async t => {
  const files = [file(0, 9), file(10, 19), file(0, 19), file(20, 29), file(5, 6, { partition: 0 }), file(0, 40, { hour: 0 })]
  const { counting, replaced } = countingFiles(files)
  const ranges = (some: readonly LakeFile[]) =>
    some.map(({ partition, hour, from, to }) => `${partition} ${hour === 0} ${from}-${to}`).sort()
  t.strictSame(ranges(counting), ['0 false 5-6', '2 false 0-19', '2 false 20-29', '2 true 0-40'])
  t.strictSame(ranges(replaced.map(({ file }) => file)), ['2 false 0-9', '2 false 10-19'])
  t.ok(replaced.every(({ by }) => by.from === 0 && by.to === 19))
})

t.test('whatever was merged in whatever order: each part counts once, through the widest file', async () => {
  const merges = fc.array(fc.tuple(fc.nat(9), fc.nat(9)), { maxLength: 4 })
  fc.assert(
    fc.property(merges, fc.infiniteStream(fc.boolean()), (ranges, kept) => {
      const parts = Array.from({ length: 10 }, (_, i) => file(i * 10, i * 10 + 9))
      const spans = ranges.map(([a, b]) => file(Math.min(a, b) * 10, Math.max(a, b) * 10 + 9))
      // Partial overlaps do not happen: a merge takes whole files.
      const nested = spans.filter((span, i) =>
        spans.slice(0, i).every(other => span.to < other.from || span.from > other.to || (span.from <= other.from && span.to >= other.to))
      )
      const gone = (part: LakeFile) => nested.some(({ from, to }) => from <= part.from && part.to <= to) && kept.next().value
      const { counting } = countingFiles([...parts.filter(part => !gone(part)), ...nested])
      return parts.every(part => counting.filter(({ from, to }) => from <= part.from && part.to <= to).length === 1)
    })
  )
})
