import t from 'tap'
import type { ImportSummary } from '../../connect/export-import/import.js'
import { describeSummary, exitCodeOf, lineDisplay, progressDisplay } from '../../connect/export-import/report.js'

const summary: ImportSummary = { files: 1, rows: 1, published: 1, known: 0, ignored: {}, bad: 0, badRows: [], complete: true }

t.test('the summary in words', async t => {
  t.strictSame(describeSummary(summary), ['Read 1 row of 1 file: 1 published, 0 already known, 0 ignored, 0 bad.'])
  t.equal(exitCodeOf(summary), 0)
  const badRows = [{ file: 'a.json', row: 3, what: 'It is null, not an object.' }]
  t.strictSame(describeSummary({ ...summary, rows: 9, ignored: { podcast: 2, video: 1 }, bad: 4, badRows }), [
    'Read 9 rows of 1 file: 1 published, 0 already known, 3 ignored (2 podcast, 1 video), 4 bad.',
    'a.json, row 3: It is null, not an object.',
    '… and 3 more.'
  ])
})

t.test('lines are few', async t => {
  const lines: string[] = []
  const display = lineDisplay({ write: (line: string) => lines.push(line) > 0 }, 0)
  display.show({ file: 'a.json', rows: 500, published: 400, share: 0.25 })
  t.match(lines, [/^25 %, 500 rows, \d+ rows\/s, \d+ s left, a\.json\n$/])
  const quiet: string[] = []
  const usual = lineDisplay({ write: (line: string) => quiet.push(line) > 0 })
  for (let i = 0; i < 100; i++) usual.show({ file: 'a.json', rows: i, published: i, share: i / 100 })
  t.ok(quiet.length < 2)
})

t.test('a terminal has a bar', async t => {
  let written = ''
  const terminal = Object.assign(Object.create(process.stderr), {
    isTTY: true,
    columns: 100,
    write: (text: string) => {
      written += text
      return true
    }
  }) as NodeJS.WriteStream
  const display = progressDisplay(terminal)
  display.show({ file: 'b.json', rows: 70, published: 60, share: 1 })
  display.stop()
  t.match(written, /100 % \| 70 rows \| \d+ rows\/s \| .* left \| b\.json/)
})
