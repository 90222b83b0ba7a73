import { LogCorruptedError, LogError, LogLockedError, RetriableLogError } from '../log.js'

/** The most specific code and message in a chain of causes, as abstract-level nests them. */
function rootOf(error: unknown): { code: string | undefined; message: string } {
  let found: { code: string | undefined; message: string } = { code: undefined, message: String(error) }
  for (let at: unknown = error; at instanceof Error; at = at.cause)
    found = { code: (at as NodeJS.ErrnoException).code, message: at.message }
  return found
}

/** Turns an error of the database into the one that names the reaction. `where` is the log's directory, or what stands for it. */
export function toLogError(error: unknown, where: string): LogError {
  if (error instanceof LogError) return error
  const { code, message } = rootOf(error)
  if (code === 'LEVEL_LOCKED') {
    return new LogLockedError(`The log in ${where} is in use by another process. Stop that one, or choose another data directory.`, {
      cause: error
    })
  }
  if (code === 'LEVEL_CORRUPTION' || /no such file/i.test(message)) return corrupted(where, message, error)
  if (/no space left|ENOSPC|disk full/i.test(message)) {
    return new RetriableLogError(`There is no space left on the device of the log in ${where}. Writing goes on when some has been freed.`, {
      cause: error
    })
  }
  return new RetriableLogError(
    `The log in ${where} could not be read or written (${message}). Check the device and the directory's permissions.`,
    { cause: error }
  )
}

export function corrupted(where: string, detail: string, cause?: unknown): LogCorruptedError {
  const advice = 'Nothing was repaired or removed: restore the directory from a copy, or move it away to start with an empty log.'
  return new LogCorruptedError(`The log in ${where} is damaged (${detail}). ${advice}`, { cause })
}

/** Never resolves to an error of the database: all are log errors. */
export async function guarded<T>(where: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw toLogError(error, where)
  }
}
