/** What stands in for Snowflake (test/snowflake), and its clients: `segue warehouse`, dbt and the driver, all of them real. */
import { spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Test } from 'tap'
import { readWarehouse } from '../../config-warehouse.js'
import { connectSnowflake } from '../../connect/warehouse/snowflake.js'
import { projectRoot } from '../../schemas/root.js'
import { type Ended, pythonOf, run } from './support.js'

export interface Login {
  readonly authenticator: string
  readonly client_app_id: string
  readonly role: string
  readonly refused: string | null
}

export interface StandIn {
  /** Settings of who signs in by a key pair, with a passphrase. */
  readonly keyPair: Record<string, string>
  /** And by an access token. */
  readonly token: Record<string, string>
  readonly logins: Login[]
  /** Statements as they were received. */
  readonly statements: string[]
  segue(args: readonly string[], environment?: Record<string, string>): Promise<Ended>
  dbt(args: readonly string[], environment?: Record<string, string>): Promise<Ended>
  /** Rows with the names of their columns in small letters. */
  query<R>(sql: string): Promise<R[]>
}

const TOKEN = 'a-programmatic-access-token'

/** Serves the lake of a directory until the test is over. */
export async function startStandIn(t: Test, directory: string): Promise<StandIn> {
  const passphrase = 'hush'
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase },
    publicKeyEncoding: { type: 'spki', format: 'pem' }
  })
  const [keyFile, publicFile] = [join(directory, 'key.p8'), join(directory, 'key.pub')]
  writeFileSync(keyFile, privateKey, { mode: 0o600 })
  writeFileSync(publicFile, publicKey)
  const program = join(projectRoot, 'test/snowflake/stand_in.py')
  const server = spawn(pythonOf('snowflake'), [program, join(directory, 'lake'), publicFile, TOKEN], {
    stdio: ['ignore', 'pipe', 'ignore']
  })
  t.teardown(() => server.kill())
  const [logins, statements]: [Login[], string[]] = [[], []]
  const port = await new Promise<string>((resolve, reject) => {
    server.on('exit', code => reject(new Error(`The stand-in ended with ${code}.`)))
    createInterface(server.stdout).on('line', line => {
      const [kind, what] = [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]
      if (kind === 'PORT') resolve(what)
      if (kind === 'LOGIN') logins.push(JSON.parse(what) as Login)
      if (kind === 'SQL') statements.push(JSON.parse(what) as string)
    })
  })
  const common = {
    SNOWFLAKE_ACCOUNT: 'myorg-acct',
    SNOWFLAKE_USER: 'segue',
    SNOWFLAKE_ACCESS_URL: `http://127.0.0.1:${port}`,
    SNOWFLAKE_AWS_ROLE: 'arn:aws:iam::1:role/segue',
    S3_BUCKET: 'music',
    SEGUE_DATA_DIR: directory,
    SEGUE_DBT_TARGET: 'snowflake',
    SEGUE_DBT_ENVIRONMENT: 'snowflake'
  }
  const keyPair = { ...common, SNOWFLAKE_PRIVATE_KEY_PATH: keyFile, SNOWFLAKE_PRIVATE_KEY_PASSPHRASE: passphrase, SNOWFLAKE_TOKEN: '' }
  return {
    keyPair,
    token: { ...common, SNOWFLAKE_TOKEN: TOKEN },
    logins,
    statements,
    segue: (args, environment = keyPair) => run(process.execPath, [join(projectRoot, 'dist/tools/segue.js'), ...args], environment),
    dbt: (args, environment = keyPair) => run(join(projectRoot, 'dbt/bin/dbt'), [...args, '--no-use-colors'], environment),
    async query<R>(sql: string) {
      const warehouse = await connectSnowflake(readWarehouse(keyPair, false))
      try {
        await warehouse.execute('USE DATABASE SPOTIFY_DATA')
        const rows = await warehouse.execute(sql)
        return rows.map(row => Object.fromEntries(Object.entries(row).map(([name, value]) => [name.toLowerCase(), value])) as R)
      } finally {
        await warehouse.close()
      }
    }
  }
}
