import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Keyring, KeyringError } from '../../connect/spotify/keyring.js'

const key = (name: string, byte: number) => `${name}:${Buffer.alloc(32, byte).toString('base64')}`

t.test('opens what it sealed, under the same context only', async t => {
  const keyring = Keyring.parse(key('a', 1))
  const sealed = keyring.seal('a secret', 'ann')
  t.notMatch(sealed, 'a secret')
  t.not(keyring.seal('a secret', 'ann'), sealed, 'never twice the same')
  t.equal(keyring.open(sealed, 'ann'), 'a secret')
  t.throws(() => keyring.open(sealed, 'bob'), KeyringError)
})

t.test('one flipped bit anywhere is noticed', async t => {
  const keyring = Keyring.parse(key('a', 1))
  const [name, base64] = keyring.seal('a secret', 'ann').split('.')
  const bytes = Buffer.from(base64!, 'base64url')
  for (let i = 0; i < bytes.length; i++) {
    const changed = Buffer.from(bytes)
    changed[i]! ^= 1
    t.throws(() => keyring.open(`${name}.${changed.toString('base64url')}`, 'ann'), KeyringError)
  }
  for (const short of ['', 'a', 'a.', 'a.AAAA']) t.throws(() => keyring.open(short, 'ann'), KeyringError)
})

t.test('keys change one after the other', async t => {
  const sealed = Keyring.parse(key('a', 1)).seal('a secret', 'ann')
  const both = Keyring.parse(`${key('b', 2)}, ${key('a', 1)}`)
  t.equal(both.open(sealed, 'ann'), 'a secret')
  t.ok(both.isOld(sealed))
  const again = both.seal('a secret', 'ann')
  t.notOk(both.isOld(again))
  t.equal(Keyring.parse(key('b', 2)).open(again, 'ann'), 'a secret')
  t.throws(() => Keyring.parse(key('b', 2)).open(sealed, 'ann'), { message: /the key "a", which is not among the keys/ })
})

t.test('malformed keys, without showing them', async t => {
  for (const text of ['', 'short:AAAA', `${key('a', 1)},${key('a', 2)}`, Buffer.alloc(32, 1).toString('base64')]) {
    t.throws(() => Keyring.parse(text), KeyringError)
  }
  try {
    Keyring.parse('name:c2VjcmV0')
  } catch (error) {
    t.notMatch((error as Error).message, /c2VjcmV0/)
  }
})

t.test('a file of keys: made once, for its owner only', async t => {
  const file = join(t.testdir(), 'deep', 'keys')
  const sealed = Keyring.fromFile(file).seal('a secret', 'ann')
  t.equal(statSync(file).mode & 0o777, 0o600)
  t.equal(Keyring.fromFile(file).open(sealed, 'ann'), 'a secret')
  writeFileSync(file, 'nothing of use')
  t.throws(() => Keyring.fromFile(file), KeyringError)
})
