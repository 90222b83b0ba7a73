const TIMEOUT_MS = 10_000
const NEEDS_ADMIN = 'This needs the scope "admin".'

/** What the API refused, or why it could not be reached, as a sentence. */
export class ApiError extends Error {
  constructor(status, message) {
    super(message)
    this.status = status
  }

  /** Not before somebody else is signed in is there another answer. */
  get isRefusal() {
    return this.status === 401 || this.status === 403
  }

  /** The sentence, for who asks again and again. */
  get whileRetrying() {
    return this.isRefusal ? this.message : `${this.message} Trying again.`
  }
}

/** The answer of a GET route; parameters that are null or empty are left out. */
export function get(path, parameters = {}) {
  const given = Object.entries(parameters).filter(([, value]) => value !== null && value !== undefined && value !== '')
  return ask(given.length > 0 ? `${path}?${new URLSearchParams(given)}` : path, {})
}

/** The answer of a POST route. */
export const post = (path, body) =>
  ask(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body ?? {}) })

/** The answer of a PUT route. */
export const put = (path, body) => ask(path, { method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })

async function ask(path, { headers, ...options }) {
  let response
  try {
    response = await fetch(path, {
      ...options,
      headers: { accept: 'application/json', ...headers },
      signal: AbortSignal.timeout(TIMEOUT_MS)
    })
  } catch {
    dispatchEvent(new Event('unreachable'))
    throw new ApiError(0, 'Segue does not answer.')
  }
  const body = await response.json().catch(() => ({}))
  // The API's own sentences are for programs, too.
  if (response.status === 401) throw new ApiError(401, 'Sign in to see this.')
  if (response.status === 403 && body.detail === NEEDS_ADMIN) throw new ApiError(403, 'This is for admins.')
  if (!response.ok) throw new ApiError(response.status, body.detail ?? `Segue answered ${response.status}.`)
  return body
}

export const listenerPath = (user, part) => `users/${encodeURIComponent(user)}/${part}`

/**
 * Runs `task` now and every `ms` after it has ended, while the page is visible and `isShown()`; `now()` runs it at once, `stop()`
 * ends it. A failure is the caller's to show; the next run comes all the same.
 */
export function repeat(ms, task, isShown = () => true) {
  let timer
  let stopped = false
  let running = false
  let again = false
  const run = async () => {
    clearTimeout(timer)
    if (stopped) return
    if (running) {
      again = true
      return
    }
    running = true
    if (!document.hidden && isShown()) await task()
    running = false
    if (again) {
      again = false
      void run()
    } else if (!stopped) timer = setTimeout(run, ms)
  }
  const seen = () => {
    if (!document.hidden) void run()
  }
  const stop = () => {
    stopped = true
    clearTimeout(timer)
    document.removeEventListener('visibilitychange', seen)
  }
  document.addEventListener('visibilitychange', seen)
  void run()
  return { now: run, stop }
}
