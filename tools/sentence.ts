/** What went wrong, for the person at the terminal. With LOG_LEVEL=debug: with the stack. */
export function sentenceOf(error: unknown, logLevel = process.env.LOG_LEVEL): string {
  if (!(error instanceof Error)) return String(error)
  if (logLevel === 'debug') return error.stack ?? error.message
  const { code, path } = error as NodeJS.ErrnoException
  const what = code === undefined ? undefined : problems[code]
  return what === undefined ? error.message : `${path ?? 'What was given'} ${what}`
}

/** Thrown by JavaScript, or where nothing of the kind was expected. */
const unexpected = new Set(['Error', 'TypeError', 'RangeError', 'ReferenceError', 'SyntaxError'])

/** Why a process that was running ends: the sentence of an error that has a name of its own, else the stack, for a report of the fault. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (unexpected.has(error.name)) return error.stack ?? error.message
  return error.name === 'StoreVersionError' ? `${error.message} The command is: segue reset --execute` : sentenceOf(error)
}

/** Of the operating system's codes, with what to do. */
const problems: Record<string, string> = {
  ENOENT: 'does not exist: check the path.',
  EACCES: 'may not be used by this user: check its permissions.',
  EPERM: 'may not be used by this user: check its permissions.',
  EISDIR: 'is a directory: give a file.',
  ENOTDIR: 'is below a file: give a path whose parents are directories.',
  EROFS: 'is on a device that can only be read.',
  ENOSPC: 'is on a device that is full: make room.'
}
