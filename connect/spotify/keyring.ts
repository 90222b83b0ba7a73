/** Secrets at rest: AES-256-GCM under a key with a name, so that keys can be changed one after the other. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** The keys are malformed, or what is sealed was sealed with another one or tampered with. Its message holds no key. */
export class KeyringError extends Error {
  override name = 'KeyringError'
}

const KEY_BYTES = 32
const NONCE_BYTES = 12

export class Keyring {
  /** By name; the first one seals, each of them opens. */
  private constructor(private readonly keys: ReadonlyMap<string, Buffer>) {}

  /** `text`: `name:base64` of 32 bytes each, separated by commas, the newest first. @throws KeyringError */
  static parse(text: string): Keyring {
    const keys = new Map<string, Buffer>()
    for (const part of text.split(',').filter(part => part.trim() !== '')) {
      const [, name, base64] = /^([A-Za-z0-9_-]{1,32}):([A-Za-z0-9+/_-]{43}=?)$/.exec(part.trim()) ?? []
      if (name === undefined || base64 === undefined || keys.has(name)) {
        throw new KeyringError('Each key is name:base64 of 32 bytes, its name used once. `openssl rand -base64 32` makes one.')
      }
      keys.set(name, Buffer.from(base64, 'base64'))
    }
    if (keys.size === 0) throw new KeyringError('There is no key: give name:base64 of 32 bytes.')
    return new Keyring(keys)
  }

  /** The keys in `file`, which is made with a new one where it is missing; only its owner may read it. @throws KeyringError */
  static fromFile(file: string): Keyring {
    if (!existsSync(file)) {
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, `k1:${randomBytes(KEY_BYTES).toString('base64')}\n`, { mode: 0o600, flag: 'wx' })
    }
    chmodSync(file, 0o600)
    return Keyring.parse(readFileSync(file, 'utf8').replaceAll('\n', ','))
  }

  /** `context` says what it is and whose: it opens under the same one only. */
  seal(text: string, context: string): string {
    const [name, key] = [...this.keys][0]!
    const nonce = randomBytes(NONCE_BYTES)
    const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(`${name}\u001f${context}`))
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
    return `${name}.${Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url')}`
  }

  /** @throws KeyringError */
  open(sealed: string, context: string): string {
    const [name = '', base64 = ''] = sealed.split('.')
    const key = this.keys.get(name)
    if (key === undefined) throw new KeyringError(`It is sealed with the key "${name}", which is not among the keys (SPOTIFY_TOKEN_KEYS).`)
    const bytes = Buffer.from(base64, 'base64url')
    try {
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES), { authTagLength: 16 })
      decipher.setAAD(Buffer.from(`${name}\u001f${context}`)).setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + 16))
      return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + 16)), decipher.final()]).toString('utf8')
    } catch {
      throw new KeyringError(`It does not open with the key "${name}": the key or the file was changed.`)
    }
  }

  /** Sealed with a key that is no longer the first. */
  isOld(sealed: string): boolean {
    return sealed.split('.', 1)[0] !== [...this.keys.keys()][0]
  }
}
