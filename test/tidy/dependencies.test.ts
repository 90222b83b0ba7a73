import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { satisfies } from 'semver'
import t from 'tap'
import { projectRoot } from '../../schemas/root.js'

interface Locked {
  readonly version?: string
  readonly resolved?: string
  readonly optional?: boolean
  readonly engines?: { readonly node?: string }
}

const json = (file: string) => JSON.parse(readFileSync(join(projectRoot, file), 'utf8'))
const packages = Object.entries((json('package-lock.json') as { packages: Record<string, Locked> }).packages).filter(
  ([path]) => path !== ''
)
/** The oldest of each line. */
const supported = ['20.19.0', '22.12.0', '24.0.0']

t.test('every package runs on every Node.js that is supported', async t => {
  for (const [path, { engines, optional }] of packages)
    for (const version of supported)
      if (!optional && engines?.node !== undefined && !satisfies(version, engines.node))
        t.fail(`${path} asks for Node.js ${engines.node}: not ${version}`)
})

t.test('what is asked for is pinned, and nothing is locked to an address', async t => {
  const { dependencies, devDependencies, overrides } = json('package.json') as Record<string, Record<string, string>>
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies, ...overrides }))
    if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)) t.fail(`${name} is ${version}`)
  for (const [path, { resolved }] of packages) if (resolved !== undefined) t.fail(`${path} has the address ${resolved}`)
})
