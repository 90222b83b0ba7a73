import { lockDirectory } from '../../state/lock.js'

/** A process that locks a directory: `node locker.js DIRECTORY [stay]`. It prints "locked" or the error. */
const [directory = '', stay] = process.argv.slice(2)
try {
  const lock = await lockDirectory(directory, 'locker')
  process.stdout.write('locked\n')
  if (stay !== undefined) process.stdin.resume()
  else await lock.release()
} catch (error) {
  process.stdout.write(`${(error as Error).name} ${(error as Error).message}\n`)
}
