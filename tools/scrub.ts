/** Secrets are taken out of all that a process writes, whatever error message or object they came in. */

const REDACTED = '[redacted]'
/** Settings whose values nobody may read. Longer than a word, or ordinary text would be hit. */
const SECRET_NAME = /SECRET|PASSWORD|PASSPHRASE|TOKEN|API_KEY|ACCESS_KEY|OTLP_HEADERS|PASS$/
const LEAST_LENGTH = 6
/** Forms that secrets have wherever they come from: credentials in headers and addresses, API keys, JSON web tokens. */
const FORMS: readonly [RegExp, string][] = [
  [/\b(Bearer|Basic)\s+[\w.~+/=-]{6,}/gi, `$1 ${REDACTED}`],
  [/(\/\/[^\s/:@"]*):[^\s/@"]+@/g, `$1:${REDACTED}@`],
  [/\bsegue_([0-9a-f]{12})_[\w-]{43}/g, `segue_$1_${REDACTED}`],
  [/\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g, REDACTED],
  [/\b(access_token|refresh_token|client_secret|code_verifier|code)=[^\s&"]+/g, `$1=${REDACTED}`]
]

/** All values of settings that are secrets, and passwords in addresses. */
function secretsOf(environment: Readonly<Record<string, string | undefined>>): string[] {
  const found: string[] = []
  for (const [name, value = ''] of Object.entries(environment)) {
    if (SECRET_NAME.test(name)) found.push(value)
    // Of a list of keys, each one: name:key,name:key
    if (name === 'SPOTIFY_TOKEN_KEYS') found.push(...value.split(',').map(item => item.slice(item.indexOf(':') + 1)))
    const { password } = /_URL$|_ENDPOINT$/.test(name) && URL.canParse(value) ? new URL(value) : { password: '' }
    found.push(password, decodeURIComponent(password))
  }
  const long = found.map(secret => secret.trim()).filter(secret => secret.length >= LEAST_LENGTH)
  // The longest first: one may be a part of another.
  return [...new Set(long)].sort((a, b) => b.length - a.length)
}

/** Replaces the secrets of an environment, and what looks like one, in a text or a line of JSON. */
export function scrubber(environment: Readonly<Record<string, string | undefined>>): (text: string) => string {
  const secrets = secretsOf(environment).flatMap(secret => {
    const escaped = JSON.stringify(secret).slice(1, -1)
    return escaped === secret ? [secret] : [secret, escaped]
  })
  return text => {
    let clean = text
    for (const secret of secrets) clean = clean.replaceAll(secret, REDACTED)
    for (const [form, replacement] of FORMS) clean = clean.replace(form, replacement)
    return clean
  }
}
