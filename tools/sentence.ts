/** What went wrong, for the person at the terminal. With LOG_LEVEL=debug: with the stack. */
export function sentenceOf(error: unknown, logLevel = process.env.LOG_LEVEL): string {
  if (!(error instanceof Error)) return String(error)
  if (logLevel === 'debug') return error.stack ?? error.message
  const { code, path } = error as NodeJS.ErrnoException
  const what = code === undefined ? undefined : problems[code]
  return what === undefined ? error.message : `${path ?? 'What was given'} ${what}`
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
