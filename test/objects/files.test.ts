import { chmod, mkdir, readdir, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { openFileObjects } from '../../connect/objects/file-objects.js'
import { listed, objectsContract } from '../contract/objects.js'

objectsContract({ name: 'files', open: t => openFileObjects(join(t.testdir(), 'lake')) })

t.test('what killed writers left is not listed, and is removed when it is old', async t => {
  const directory = t.testdir()
  await mkdir(join(directory, '.incoming'))
  for (const name of ['old', 'new']) await writeFile(join(directory, '.incoming', name), 'half')
  await utimes(join(directory, '.incoming', 'old'), 0, 0)
  const objects = await openFileObjects(directory)
  t.strictSame(await listed(objects), [])
  t.strictSame(await readdir(join(directory, '.incoming')), ['new'])
  await objects.put('a', Buffer.from('a'))
  await objects.put('a', Buffer.from('b'))
  t.strictSame(await readdir(join(directory, '.incoming')), ['new'], 'a write leaves nothing beside')
})

t.test('errors are sentences', async t => {
  const directory = t.testdir({ file: 'x' })
  await t.rejects(openFileObjects(join(directory, 'file')), { message: /file can't be opened: a part of the path is a file\./ })
  const objects = await openFileObjects(directory)
  await t.rejects(objects.put('file/x', Buffer.from('x')), { message: /can't be written: a part of the path is a file\./ })
  await objects.put('d/x', Buffer.from('x'))
  await t.rejects(objects.get('d'), { message: /can't be read: it is a directory\./ })
  if (process.getuid?.() === 0) return
  await chmod(join(directory, 'd'), 0o500)
  await t.rejects(objects.put('d/y', Buffer.from('x')), { message: /can't be written: this user may not\./ })
})
