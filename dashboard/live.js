const QUIET_MS = 12_000
const LONGEST_WAIT_MS = 30_000

/**
 * Server-sent events, opened again for as long as the page is open. `handlers` by event name; `state` is told connecting,
 * live or lost. The server speaks every second, so silence counts as lost too.
 */
export function listen(handlers, state) {
  let source
  let failures = 0
  let timer
  const open = () => {
    clearTimeout(timer)
    source?.close()
    source = new EventSource('live')
    for (const [name, handle] of Object.entries(handlers)) {
      source.addEventListener(name, ({ data }) => {
        failures = 0
        heard()
        handle(JSON.parse(data))
      })
    }
    source.addEventListener('error', lost)
    timer = setTimeout(lost, QUIET_MS)
  }
  const heard = () => {
    state('live')
    clearTimeout(timer)
    timer = setTimeout(lost, QUIET_MS)
  }
  const lost = () => {
    state('lost')
    source.close()
    clearTimeout(timer)
    timer = setTimeout(open, Math.min(LONGEST_WAIT_MS, 1_000 * 2 ** failures++))
  }
  addEventListener('pagehide', () => {
    clearTimeout(timer)
    source.close()
  })
  addEventListener('pageshow', event => {
    if (event.persisted) open()
  })
  state('connecting')
  open()
}
