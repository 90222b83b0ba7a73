import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readConfig } from '../../config.js'
import { projectRoot } from '../../schemas/root.js'
import { program, run } from './support.js'

const folder = join(projectRoot, 'compose/systemd')
const units = readdirSync(folder).filter(name => name.endsWith('.service'))
/** Of systemd-analyze security: 0 is locked up entirely, 10 not at all. */
const MOST_EXPOSED = 2

t.test('there is a unit for each part', async t => {
  t.strictSame(units.sort(), [
    'recommendation-api.service',
    'segue-lake-sink.service',
    'segue-processors.service',
    'spotify-poller.service'
  ])
})

const ports = new Set<string>()
for (const name of units) {
  const text = readFileSync(join(folder, name), 'utf8')
  const settings = new Map([...text.matchAll(/^(\w+)=(.*)$/gm)].map(([, key, value]) => [key!, value!]))

  t.test(`${name} runs one part, with settings that are good`, async t => {
    const part = /^\/usr\/bin\/node \/opt\/segue\/dist\/tools\/segue\.js start --only (\w+)$/.exec(settings.get('ExecStart')!)?.[1]
    const environment = Object.fromEntries(
      [...text.matchAll(/^Environment=(.*)$/gm)].flatMap(([, line]) => line!.split(' ').map(pair => pair.split('=')))
    )
    const config = readConfig({ ...environment, SEGUE_PARTS: part })
    t.strictSame([...config.parts.run], [part])
    const { host, port } = config.parts.ops!
    t.equal(host, '127.0.0.1')
    t.notOk(ports.has(String(port)), 'a port of its own')
    ports.add(String(port))
    t.equal(config.dataDir, `/var/lib/${settings.get('StateDirectory')}`, 'where it may write')
  })

  t.test(`${name} is locked up`, async t => {
    t.equal(settings.get('DynamicUser'), 'yes')
    t.equal(settings.get('ProtectSystem'), 'strict')
    t.equal(settings.get('Restart'), 'on-failure')
    t.ok(Number.parseInt(settings.get('TimeoutStopSec')!, 10) > 10, 'longer than a stop may take')
    const analyze = program('systemd-analyze', 'it comes with systemd')
    if (analyze === undefined) return
    // Node.js may be elsewhere on this machine: what it is called is not what is looked at.
    const verified = await run(analyze, ['verify', join(folder, name)])
    const complaints = verified.output.split('\n').filter(line => line !== '' && !/\/usr\/bin\/node|documentation/i.test(line))
    t.strictSame(complaints, [])
    const { code, output } = await run(analyze, ['security', '--offline=true', `--threshold=${MOST_EXPOSED * 10}`, join(folder, name)])
    t.equal(code, 0, output)
  })
}
