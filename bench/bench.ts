/**
 * All figures by name, with their goals: `npm run bench`. Parts: `npm run bench -- [sizes] [restart] [latency] [api] [page] [follow] [lake] [--events N]`;
 * processing always comes first, the others but the lake begin with the state that it leaves.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { api } from './api.js'
import { printTable } from './figures.js'
import { follow } from './follow.js'
import { lake } from './lake.js'
import { latency } from './latency.js'
import { page } from './page.js'
import { processing } from './processing.js'
import { restart } from './restart.js'
import { sizes } from './sizes.js'

const parts = { sizes, restart, latency, api, page, follow, lake }
const { values, positionals } = parseArgs({ options: { events: { type: 'string', default: '100000' } }, allowPositionals: true })
const events = Number(values.events)
const chosen = positionals.length === 0 ? Object.keys(parts) : positionals
if (!Number.isInteger(events) || events < 1 || chosen.some(name => !(name in parts) && name !== 'processing')) {
  process.stderr.write(`The parts are processing, ${Object.keys(parts).join(', ')}; --events takes a whole number.\n`)
  process.exit(2)
}

const directory = mkdtempSync(join(tmpdir(), 'segue-bench-'))
const prepared = { directory, events: 0 }
try {
  await processing(prepared, events)
  for (const [name, run] of Object.entries(parts)) if (chosen.includes(name)) await run(prepared)
  printTable()
} finally {
  rmSync(directory, { recursive: true, force: true })
}
