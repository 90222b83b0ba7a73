/** What a reader does first, in a clone of what is committed. */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { projectRoot } from '../../../schemas/root.js'
import { freePort } from '../../../tools/stack/ports.js'
import { Shell } from '../shell.js'

const skip = !existsSync(join(projectRoot, '.git')) && 'this is no clone'

t.test('a fresh clone installs, starts, checks and measures itself', { skip }, async t => {
  const shell = new Shell(t, 'full/fresh', { PORT: String(await freePort()), SEGUE_DATA_DIR: undefined, NODE_ENV: undefined })
  const clone = join(shell.directory, 'clone')
  execFileSync('git', ['clone', '--quiet', '--no-hardlinks', projectRoot, clone])
  shell.at = clone
  const started = await shell.starts('npm ci && npm start', /listening on http/)
  t.ok(existsSync(join(clone, 'data')))
  await started.end()
  await shell.ends('npm ci', /added \d+ packages/)
  await shell.ends('npm run check', /./)
  await shell.ends('npm run bench', /processing: rate +\d+ events\/s/)
  shell.complete()
})
