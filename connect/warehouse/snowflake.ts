/** The adapter of Snowflake's driver. */

export interface SnowflakeOptions {
  readonly account: string
  readonly user: string
  readonly role: string
  readonly warehouse: string
  readonly credentials: { readonly privateKeyPath: string; readonly passphrase: string | undefined } | { readonly token: string }
  readonly accessUrl: string | undefined
}

export interface Warehouse {
  /** @throws Error with Snowflake's sentence */
  execute(sql: string, binds?: readonly string[]): Promise<Record<string, unknown>[]>
  close(): Promise<void>
}

/** Signs in. @throws Error: wrong key or token, unknown account, no network */
export async function connectSnowflake(options: SnowflakeOptions): Promise<Warehouse> {
  const { account, user, role, warehouse, credentials, accessUrl } = options
  // The SDK of AWS, which the driver loads for stages, warns of what it will ask for in 2027.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'
  const { default: snowflake } = await import('snowflake-sdk')
  snowflake.configure({ logLevel: 'ERROR', additionalLogToConsole: false, logFilePath: 'STDOUT' })
  const signIn =
    'token' in credentials
      ? { authenticator: 'PROGRAMMATIC_ACCESS_TOKEN', token: credentials.token }
      : {
          authenticator: 'SNOWFLAKE_JWT',
          privateKeyPath: credentials.privateKeyPath,
          ...(credentials.passphrase === undefined ? {} : { privateKeyPass: credentials.passphrase })
        }
  const connection = snowflake.createConnection({
    account,
    username: user,
    role,
    warehouse,
    application: 'Segue',
    ...(accessUrl === undefined ? {} : { accessUrl }),
    ...signIn
  })
  await new Promise<void>((resolve, reject) => connection.connect(error => (error ? reject(error) : resolve())))
  return {
    execute: (sql, binds = []) =>
      new Promise((resolve, reject) => {
        connection.execute({
          sqlText: sql,
          binds: [...binds],
          complete: (error, _, rows) => (error ? reject(error) : resolve((rows ?? []) as Record<string, unknown>[]))
        })
      }),
    close: () => new Promise(resolve => connection.destroy(() => resolve()))
  }
}
