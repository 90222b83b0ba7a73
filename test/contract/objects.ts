import t, { type Test } from 'tap'
import { type ObjectInfo, type Objects, ObjectsError } from '../../connect/objects/objects.js'

export interface ObjectsContract {
  readonly name: string
  /** An empty place; what is opened is closed by the caller. */
  readonly open: (t: Test) => Promise<Objects>
}

const bytes = (text: string) => Buffer.from(text)

export async function listed(objects: Objects, prefix = ''): Promise<ObjectInfo[]> {
  const found: ObjectInfo[] = []
  for await (const info of objects.list(prefix)) found.push(info)
  return found
}

const keysOf = async (objects: Objects, prefix?: string) => (await listed(objects, prefix)).map(({ key }) => key).sort()

/** What every adapter of the Objects port keeps to. */
export function objectsContract({ name, open }: ObjectsContract): void {
  const withObjects = (what: string, run: (t: Test, objects: Objects) => Promise<void>) =>
    t.test(`${name}: ${what}`, async t => {
      const objects = await open(t)
      try {
        await run(t, objects)
      } finally {
        await objects.close()
      }
    })
  writes(withObjects)
  reads(withObjects)
}

type WithObjects = (what: string, run: (t: Test, objects: Objects) => Promise<void>) => Promise<unknown>

function writes(withObjects: WithObjects): void {
  withObjects('an object is written once and never changed', async (t, objects) => {
    t.equal(await objects.put('a/b=1/c.txt', bytes('first')), 'created')
    t.equal(await objects.put('a/b=1/c.txt', bytes('second')), 'exists')
    t.equal(`${await objects.get('a/b=1/c.txt')}`, 'first')
    t.equal(await objects.put('empty', Buffer.alloc(0)), 'created')
    t.strictSame(await objects.get('empty'), Buffer.alloc(0))
  })

  withObjects('of writers at the same time one wins, as a whole', async (t, objects) => {
    const bodies = Array.from({ length: 8 }, (_, i) => Buffer.alloc(300_000, i))
    const results = await Promise.all(bodies.map(body => objects.put('one', body)))
    t.equal(results.filter(result => result === 'created').length, 1)
    const winner = bodies[results.indexOf('created')]!
    t.ok((await objects.get('one'))?.equals(winner))
    t.strictSame(await keysOf(objects), ['one'])
  })

  withObjects('deletes, and passes over what is not there', async (t, objects) => {
    await objects.put('x/1', bytes('1'))
    await objects.put('x/2', bytes('2'))
    await objects.delete(['x/1', 'x/absent', 'absent/too'])
    await objects.delete([])
    t.strictSame(await keysOf(objects), ['x/2'])
    t.equal(await objects.get('x/1'), undefined)
    t.equal(await objects.put('x/1', bytes('again')), 'created', 'the key is free again')
  })
}

function reads(withObjects: WithObjects): void {
  withObjects('what is absent', async (t, objects) => {
    t.equal(await objects.get('absent'), undefined)
    t.equal(await objects.get('absent/deeper'), undefined)
    t.strictSame(await keysOf(objects), [])
    t.strictSame(await keysOf(objects, 'absent/'), [])
  })

  withObjects('lists what is under a prefix, with sizes and times', async (t, objects) => {
    const keys = ['a/b/1', 'a/b/2', 'a/b-c/1', 'a/b.d', 'a/c=1/x_y.parquet', 'ab/1', 'b']
    const before = Date.now()
    for (const [i, key] of keys.entries()) await objects.put(key, Buffer.alloc(i))
    const all = await listed(objects)
    t.strictSame(all.map(({ key }) => key).sort(), keys.toSorted())
    for (const { key, size, modified } of all) {
      t.equal(size, keys.indexOf(key))
      t.ok(Math.abs(modified - before) < 600_000, `${modified} is about ${before}`)
    }
    t.strictSame(await keysOf(objects, 'a/'), keys.filter(key => key.startsWith('a/')).sort())
    t.strictSame(await keysOf(objects, 'a/b/'), ['a/b/1', 'a/b/2'])
  })

  withObjects('a key is a plain relative path', async (t, objects) => {
    for (const key of ['', '/a', 'a//b', '../a', 'a/../../b', 'a/.', 'a\\b', 'a b', 'a/', 'ä', `${'x'.repeat(300)}`]) {
      await t.rejects(objects.put(key, bytes('x')), ObjectsError, `put ${key}`)
      await t.rejects(objects.get(key), ObjectsError, `get ${key}`)
      await t.rejects(objects.delete([key]), ObjectsError, `delete ${key}`)
    }
    await t.rejects(listed(objects, '../'), ObjectsError)
    t.strictSame(await keysOf(objects), [])
  })
}
