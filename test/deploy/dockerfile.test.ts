import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DockerfileParser } from 'dockerfile-ast'
import t from 'tap'
import { readConfig } from '../../config.js'
import { projectRoot } from '../../schemas/root.js'
import { program, run } from './support.js'

const file = DockerfileParser.parse(readFileSync(join(projectRoot, 'Dockerfile'), 'utf8'))
const of = (keyword: string) => file.getInstructions().filter(instruction => instruction.getInstruction() === keyword)

t.test('hadolint finds nothing', async t => {
  const hadolint = program('hadolint', 'tools/python/setup.sh deploy')
  if (hadolint === undefined) return
  const { code, output } = await run(hadolint, ['Dockerfile'])
  t.equal(code, 0, output)
})

t.test('what it copies is there, and what runs is not root', async t => {
  for (const copy of file.getCOPYs()) {
    if (copy.getFromFlag() !== null) continue
    for (const argument of copy.getArguments().slice(0, -1)) t.ok(existsSync(join(projectRoot, argument.getValue())), argument.getValue())
  }
  t.match(of('USER').at(-1)!.getArguments()[0]!.getValue(), /^[1-9]\d*:[1-9]\d*$/)
  const entry = of('ENTRYPOINT').at(-1)!.getRawArgumentsContent()!
  t.ok(existsSync(join(projectRoot, (JSON.parse(entry) as string[])[1]!.replace('/app/', ''))), 'without a shell')
})

t.test('its settings are good', async t => {
  const environment = Object.fromEntries(
    file.getENVs().flatMap(env => env.getProperties().map(property => [property.getName(), property.getValue() ?? '']))
  )
  const { host, dataDir, parts } = readConfig(environment)
  t.equal(host, '0.0.0.0')
  t.equal(dataDir, of('VOLUME').at(-1)!.getArguments()[0]!.getValue())
  const exposed = of('EXPOSE')
    .at(-1)!
    .getArguments()
    .map(port => Number(port.getValue()))
  t.strictSame(exposed, [3000, parts.ops?.port])
})
