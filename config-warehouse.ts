/** The configuration of the Snowflake warehouse; only `segue warehouse` needs it. */
import { ConfigError } from './config.js'

export interface WarehouseConfig {
  readonly account: string
  readonly user: string
  readonly role: string
  readonly warehouse: string
  readonly database: string
  /** A key pair, or an access token; Snowflake refuses a password alone. */
  readonly credentials: { readonly privateKeyPath: string; readonly passphrase: string | undefined } | { readonly token: string }
  /** s3://bucket/prefix without a slash at the end, and the role of AWS that may read it; only the set-up needs them. */
  readonly lake: string
  readonly awsRole: string
  /** Of a stand-in; undefined: the account's own. */
  readonly accessUrl: string | undefined
}

type Environment = Readonly<Record<string, string | undefined>>

/** @throws ConfigError with a sentence for each problem */
export function readWarehouse(environment: Environment, forSetup: boolean): WarehouseConfig {
  const problems: string[] = []
  const text = (name: string, fallback = '') => environment[name]?.trim() || fallback
  const required = (name: string, what: string) => {
    if (text(name) === '') problems.push(`${name} is missing: give ${what}.`)
    return text(name)
  }
  const identifier = (name: string, fallback: string) => {
    const value = text(name, fallback)
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(value)) problems.push(`${name} is "${value}": give letters, digits and underscores.`)
    return value.toUpperCase()
  }
  const bucket = text('S3_BUCKET')
  const lake = text('SNOWFLAKE_LAKE', bucket === '' ? '' : `s3://${bucket}`).replace(/\/$/, '')
  const awsRole = text('SNOWFLAKE_AWS_ROLE')
  if (forSetup && !/^s3:\/\/[A-Za-z0-9_.=/-]+$/.test(lake)) problems.push('S3_BUCKET is missing: Snowflake reads the lake from a bucket.')
  if (forSetup && !/^arn:[\w:/+=,.@-]+$/.test(awsRole))
    problems.push('SNOWFLAKE_AWS_ROLE is missing: give the ARN of the role that may read the bucket.')
  const token = text('SNOWFLAKE_TOKEN')
  const privateKeyPath = text('SNOWFLAKE_PRIVATE_KEY_PATH')
  if (token === '' && privateKeyPath === '')
    problems.push('SNOWFLAKE_PRIVATE_KEY_PATH is missing: give the file of the private key, or an access token in SNOWFLAKE_TOKEN.')
  const config = {
    account: required('SNOWFLAKE_ACCOUNT', 'the account, as in myorg-myaccount'),
    user: required('SNOWFLAKE_USER', 'the user that signs in'),
    role: identifier('SNOWFLAKE_ROLE', forSetup ? 'ACCOUNTADMIN' : 'SEGUE_LOADER'),
    warehouse: identifier('SNOWFLAKE_WAREHOUSE', 'SEGUE_WH'),
    database: identifier('SNOWFLAKE_DATABASE', 'SPOTIFY_DATA'),
    credentials: token === '' ? { privateKeyPath, passphrase: text('SNOWFLAKE_PRIVATE_KEY_PASSPHRASE') || undefined } : { token },
    lake,
    awsRole,
    accessUrl: text('SNOWFLAKE_ACCESS_URL') || undefined
  }
  if (problems.length > 0) throw new ConfigError(`The warehouse can't be reached:\n${problems.map(problem => `- ${problem}`).join('\n')}`)
  return config
}
