/**
 * The Dockerfile, executed without an engine: each stage is a directory, COPY copies, RUN runs in it, and what comes out is started as the
 * image's user, who may write nothing but the state. What this can't show: the base image and its Node.js, and the stage `batch`.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { type Copy, DockerfileParser, type Instruction } from 'dockerfile-ast'
import t, { type Test } from 'tap'
import { projectRoot } from '../../schemas/root.js'
import { until } from '../observe/support.js'

const STATE = '/var/lib/segue'
const root = mkdtempSync(join(tmpdir(), 'segue-image-'))
const context = join(root, 'context')
const stage = (name: string) => join(root, 'stages', name)
t.teardown(() => rmSync(root, { recursive: true, force: true }))

const dockerfile = DockerfileParser.parse(readFileSync(join(projectRoot, 'Dockerfile'), 'utf8'))
const instructions = dockerfile.getInstructions()
const last = (keyword: string) => instructions.filter(instruction => instruction.getInstruction() === keyword).at(-1)!
const listOf = (text: string) => JSON.parse(/\[.*\]/s.exec(text)![0]) as string[]
const user = Number(last('USER').getArguments()[0]!.getValue().split(':')[0])

/** What a build would be given: the files of the repository, less those of .dockerignore. */
function prepareContext(): void {
  const ignored = readFileSync(join(projectRoot, '.dockerignore'), 'utf8').trim().split('\n')
  const isIgnored = (file: string) => ignored.some(name => file === name || file.startsWith(`${name}/`))
  const files = execFileSync('git', ['ls-files', '-z'], { cwd: projectRoot, encoding: 'utf8' }).split('\0').filter(Boolean)
  for (const file of files) if (!isIgnored(file)) cpSync(join(projectRoot, file), join(context, file))
}

/** A path in a stage: /app is the working directory. */
const inside = (name: string, path: string) => join(stage(name), path.startsWith('/') ? path : join('app', path))

/** A file goes into a directory under its name, and of a directory its contents go. */
function copy(instruction: Copy, name: string): void {
  const from = instruction.getFromFlag()?.getValue()
  const paths = instruction.getArguments().map(argument => argument.getValue())
  const target = paths.at(-1)!
  for (const path of paths.slice(0, -1)) {
    const source = from ? inside(from, path) : join(context, path)
    const directory = target.endsWith('/') && path !== '.'
    cpSync(source, directory ? join(inside(name, target), basename(path)) : inside(name, target), { recursive: true })
  }
}

/** For `env`: these settings and no others; what tap puts into the processes of its tests stays out. */
const bare = (settings: Record<string, string>, ...command: string[]) => [
  '-i',
  ...Object.entries(settings).map(([key, value]) => `${key}=${value}`),
  ...command
]

function run(instruction: Instruction, name: string): void {
  const line = instruction.getRawArgumentsContent()!.replaceAll(STATE, join(stage(name), STATE))
  const certificates = Object.fromEntries(Object.entries(process.env).filter(([key]) => /CERT/.test(key))) as Record<string, string>
  // A home, and so a cache, of its own; which registry there is, the machine's settings say.
  const env = { ...certificates, PATH: process.env.PATH!, HOME: join(root, 'home'), npm_config_userconfig: join(homedir(), '.npmrc') }
  const { status, stdout, stderr } = spawnSync('env', bare(env, 'sh', '-ec', line), { cwd: inside(name, '.'), encoding: 'utf8' })
  if (status !== 0) throw new Error(`RUN ${line} ended with ${status}: ${stdout}${stderr}`)
}

/** All stages but `batch`, which needs the base image's packages. Returns the last one's name. */
function build(): string {
  let name = ''
  for (const instruction of instructions) {
    const keyword = instruction.getInstruction()
    if (keyword === 'FROM') {
      name = /\bAS\s+(\w+)/i.exec(instruction.getRawArgumentsContent()!)?.[1] ?? 'last'
      mkdirSync(inside(name, '.'), { recursive: true })
    }
    if (name === 'batch') continue
    if (keyword === 'COPY') copy(instruction as Copy, name)
    if (keyword === 'RUN') run(instruction, name)
  }
  return name
}

const settings = () =>
  Object.fromEntries<string>(
    dockerfile.getENVs().flatMap(env => env.getProperties().map(property => [property.getName(), property.getValue() ?? '']))
  )

/** What the image runs, with ports of its own; resolves when it says where it is. */
async function start(t: Test, app: string, environment: Record<string, string>) {
  const entry = [...listOf(last('ENTRYPOINT').getRawArgumentsContent()!), ...listOf(last('CMD').getRawArgumentsContent()!)]
  const command = entry.map(part => part.replace(/^\/app\//, `${app}/`))
  const child = spawn('env', bare(environment, ...command), { cwd: app, uid: user, gid: user })
  t.teardown(() => child.kill('SIGKILL'))
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', text => {
      output += text
    })
  await until(() => /health are at http/.test(output) || child.exitCode !== null)
  const opsUrl = /health are at (http:\/\/[\d.:]*\d)/.exec(output)?.[1]
  const url = /listening on (http:\/\/\S+)/.exec(output)?.[1]
  if (opsUrl === undefined || url === undefined) throw new Error(output)
  const end = async () => {
    const exited = once(child, 'exit')
    child.kill('SIGTERM')
    await exited
    return child.exitCode
  }
  return { url, opsUrl, end }
}

const skip = process.getuid?.() !== 0 && "only root may become the image's user"

t.test('the image has all that it needs and no more, and runs as nobody on a root that is read-only', { skip }, async t => {
  mkdirSync(join(root, 'home'))
  prepareContext()
  const name = build()
  const app = inside(name, '.')
  for (const path of ['node_modules/typescript', 'dist/test', 'dist/bench', '.git']) t.notOk(existsSync(join(app, path)), `no ${path}`)
  chmodSync(root, 0o755)
  execFileSync('chmod', ['-R', 'a+rX,a-w', app])
  const state = join(stage(name), STATE)
  const environment = { ...settings(), SEGUE_DATA_DIR: state, PATH: process.env.PATH!, HOST: '127.0.0.1', PORT: '0' }
  const { url, opsUrl, end } = await start(t, app, { ...environment, SEGUE_OPS_LISTEN: '127.0.0.1:0' })

  const [program, ...args] = listOf(last('HEALTHCHECK').getRawArgumentsContent()!)
  const healthy = () =>
    spawnSync(
      program!,
      args.map(arg => arg.replace('http://127.0.0.1:9464', opsUrl))
    ).status === 0
  t.ok(healthy(), 'the health check passes')
  await until(async () => (await fetch(`${opsUrl}/readyz`)).status === 200)
  t.equal((await fetch(`${url}/`)).status, 200, 'the page is there')
  t.equal((await fetch(`${url}/docs/`)).status, 200, 'and the API’s description')
  t.equal((await fetch(`${url}/v1/users/somebody/days`)).status, 401, 'who asks must say who they are')
  const segue = bare(environment, process.execPath, join(app, 'dist/tools/segue.js'), 'key', 'create', '--user', 'me', '--scope', 'admin')
  const made = execFileSync('env', segue, { cwd: app, uid: user, gid: user, encoding: 'utf8' })
  const key = /segue_[0-9a-f]{12}_[\w-]{43}/.exec(made)?.[0]
  t.equal((await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${key}` } })).status, 200)

  t.equal(await end(), 0)
  t.notOk(healthy(), 'it fails when nothing runs')
  // What was written belongs to who wrote it. Others come and go beside the image's own directory.
  const found = execFileSync('find', [root, '-path', state, '-prune', '-o', '-user', String(user), '-print'], { encoding: 'utf8' })
  const beside = readdirSync(tmpdir()).filter(entry => statSync(join(tmpdir(), entry), { throwIfNoEntry: false })?.uid === user)
  t.strictSame([found, ...beside], [''], 'nothing was written but the state')
})
