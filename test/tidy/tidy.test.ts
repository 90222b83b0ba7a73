import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import t from 'tap'
import { projectRoot } from '../../schemas/root.js'

const folders = ['processors', 'schemas', 'streams', 'state', 'connect', 'api', 'tools', 'bench', 'test']
const generated = new Set(['schemas/events.ts', 'schemas/binary.ts'])

const configs = ['config.ts', 'config-lake.ts', 'config-parts.ts', 'config-recommendations.ts', 'config-spotify.ts', 'config-warehouse.ts']
const sources = ['main.ts', ...configs, ...folders.flatMap(files)].map(path => ({
  path,
  text: readFileSync(join(projectRoot, path), 'utf8')
}))

function files(folder: string): string[] {
  return readdirSync(join(projectRoot, folder), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts'))
    .map(name => join(folder, name))
}

/** Which of our folders a folder may import from, its own aside. Types and values alike. */
const allowed: Record<string, readonly string[]> = {
  processors: ['streams/processor', 'schemas'],
  schemas: ['streams/log/log'],
  streams: ['state/store'],
  state: ['schemas/events'],
  connect: ['streams/log', 'streams/tracer', 'state/view', 'schemas'],
  api: ['state/view', 'schemas']
}

const importsOf = (text: string) => [...text.matchAll(/(?:from|import) '([^']+)'/g)].map(match => match[1]!)

t.test('who may import whom', async t => {
  for (const { path, text } of sources) {
    const folder = path.split('/')[0]!
    const rules = allowed[folder]
    if (rules === undefined) continue
    for (const target of importsOf(text).filter(name => name.startsWith('.'))) {
      const resolved = relative(projectRoot, join(projectRoot, path, '..', target))
      const fine = resolved.startsWith(`${folder}/`) || rules.some(rule => resolved === `${rule}.js` || resolved.startsWith(`${rule}/`))
      if (!fine) t.fail(`${path} imports ${resolved}: ${folder} may import ${rules.join(', ') || 'nothing of ours'}`)
    }
  }
})

t.test('a third-party client appears in its adapter only', async t => {
  const clients: Record<string, RegExp> = {
    level: /^(streams\/log\/embedded|state\/(level-|lock)|connect\/ledger)/,
    lmdb: /^state\//,
    avsc: /^schemas\//,
    '@aws-sdk': /^connect\/objects\/s3-objects/,
    hyparquet: /^(connect\/(lake|warehouse)\/|streams\/log\/kafka\/compression)/,
    'hyparquet-writer': /^connect\/lake\//,
    fastify: /^api\//,
    ioredis: /^state\/view\/redis-/,
    'lz4-napi': /^streams\/log\/kafka\/compression/,
    fzstd: /^streams\/log\/kafka\/compression/,
    kafkajs: /^streams\/log\/kafka\//,
    jose: /^api\/auth\/tokens/,
    'snowflake-sdk': /^connect\/warehouse\/snowflake\.ts/,
    'prom-client': /^tools\/observe\//,
    '@opentelemetry': /^tools\/observe\/tracing/,
    commander: /^tools\//
  }
  for (const { path, text } of sources) {
    if (path.startsWith('test/') || path.startsWith('bench/')) continue
    for (const name of importsOf(text)) {
      const owners = clients[name.split('/')[0]!]
      if (owners && !owners.test(path)) t.fail(`${path} imports ${name}`)
    }
  }
})

t.test('files stay readable', async t => {
  for (const { path, text } of sources) {
    if (generated.has(path)) continue
    const lines = text.split('\n').length
    if (lines > 301) t.fail(`${path} has ${lines} lines: more than 300`)
  }
})

t.test('processors are pure: no clock, no randomness, no I/O', async t => {
  const impure = /Date\.now|new Date\(\)|Math\.random|performance\.|setTimeout|setInterval|node:fs|node:net|fetch\(/
  for (const { path, text } of sources) if (path.startsWith('processors/') && impure.test(text)) t.fail(`${path}: ${impure.exec(text)![0]}`)
})

t.test('every test file is run by a command', async t => {
  const { scripts } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as { scripts: Record<string, string> }
  const run = Object.values(scripts).join(' ')
  const folders = new Set(sources.filter(({ path }) => path.endsWith('.test.ts')).map(({ path }) => dirname(path)))
  // The runner of test/kafka starts the stack and then runs the files beside it.
  folders.delete('test/kafka')
  for (const folder of folders) if (!run.includes(`dist/${folder}/*.test.js`)) t.fail(`${folder} has tests that no command runs`)
})

t.test('the program may be run: npx remembers a checkout by its path, and looks at its permissions the first time alone', async t => {
  t.equal(statSync(join(projectRoot, 'dist/tools/segue.js')).mode & 0o111, process.platform === 'win32' ? 0 : 0o111)
})
