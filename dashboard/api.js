const TIMEOUT_MS = 10_000

/** What the API refused, or why it could not be reached, as a sentence. */
export class ApiError extends Error {
  constructor(status, message) {
    super(message)
    this.status = status
  }
}

/** The answer of a GET route; parameters that are null or empty are left out. */
export async function get(path, parameters = {}) {
  const given = Object.entries(parameters).filter(([, value]) => value !== null && value !== undefined && value !== '')
  const query = given.length > 0 ? `?${new URLSearchParams(given)}` : ''
  let response
  try {
    response = await fetch(`${path}${query}`, { headers: { accept: 'application/json' }, signal: AbortSignal.timeout(TIMEOUT_MS) })
  } catch {
    throw new ApiError(0, 'Segue does not answer.')
  }
  const body = await response.json().catch(() => ({}))
  if (!response.ok) throw new ApiError(response.status, body.detail ?? `Segue answered ${response.status}.`)
  return body
}

export const listenerPath = (user, part) => `users/${encodeURIComponent(user)}/${part}`

/**
 * Runs `task` now and every `ms` after it has ended, while the page is visible; `now()` runs it at once.
 * A failure is the caller's to show; the next run comes all the same.
 */
export function repeat(ms, task) {
  let timer
  let running = false
  let again = false
  const run = async () => {
    clearTimeout(timer)
    if (running) {
      again = true
      return
    }
    running = true
    if (!document.hidden) await task()
    running = false
    if (again) {
      again = false
      void run()
    } else timer = setTimeout(run, ms)
  }
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) void run()
  })
  void run()
  return { now: run }
}
