import { join } from 'node:path'
import { get } from '../exchange.js'
import { cached, check, mavenFile } from '../packages.js'
import { MAIN, type Part } from '../part.js'
import { HOST } from '../ports.js'
import { findJava } from '../programs.js'

const VERSION = '3.0.9'

/** Under which path it speaks Confluent's API. */
export const API_PATH = '/apis/ccompat/v7'

export const registry: Part = {
  name: 'registry',
  title: `Apicurio Registry ${VERSION}`,
  usualPort: 8081,
  innerPorts: [],
  graceMs: 10_000,

  async prepare({ directory, ports, settings, say }) {
    const java = await findJava()
    const home = await cached(`apicurio-registry-${VERSION}`, '109 MB', say, async place => {
      await mavenFile(`io.apicurio:apicurio-registry-app:${VERSION}:tar.gz:all`, place)
      await check('tar', ['-xzf', `apicurio-registry-app-${VERSION}-all.tar.gz`], place)
    })
    // Without WRITE_DELAY=0 a kill loses what was registered in the last half second, and records name those ids for ever.
    const database = `jdbc:h2:file:${join(directory, 'schemas')};WRITE_DELAY=0`
    const options = {
      'quarkus.http.host': HOST,
      'quarkus.http.port': ports[MAIN],
      'quarkus.http.access-log.enabled': false,
      'apicurio.datasource.url': database,
      'apicurio.datasource.jdbc.initial-size': 2,
      'apicurio.datasource.jdbc.min-size': 2,
      'apicurio.datasource.jdbc.max-size': 10,
      'apicurio.storage.snapshot.location': directory
    }
    const flags = Object.entries(options).map(([name, value]) => `-D${name}=${value}`)
    const runner = join(home, `apicurio-registry-app-${VERSION}-runner.jar`)
    return { file: java, args: ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', ...flags, ...settings, '-jar', runner] }
  },

  async isHealthy({ ports }) {
    return (await get(`http://${HOST}:${ports[MAIN]}${API_PATH}/subjects`))?.status === 200
  }
}
