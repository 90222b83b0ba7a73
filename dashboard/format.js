const whole = new Intl.NumberFormat('en')
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })
const regions = new Intl.DisplayNames('en', { type: 'region', fallback: 'code' })

export const count = value => (value < 1e6 ? whole.format(value) : short.format(value))

export const milliseconds = value => (value < 0.1 ? 'less than 0.1 ms' : `${value.toFixed(1)} ms`)

/** Records per second. */
export const rate = value =>
  value >= 1_000 ? short.format(value) : value >= 9.95 ? String(Math.round(value)) : value >= 0.05 ? value.toFixed(1) : '0'

export function countryName(code) {
  try {
    return regions.of(code) ?? code
  } catch {
    return code
  }
}

/** A name within other text: it is written in its own direction and leaves the text around it alone. */
export const isolated = name => `\u2068${name}\u2069`

const STEPS = [
  [60, 1, 's'],
  [3_600, 60, 'min'],
  [86_400, 3_600, 'h'],
  [86_400 * 365, 86_400, 'd'],
  [Number.POSITIVE_INFINITY, 86_400 * 365, 'y']
]

/** A length of time in milliseconds, in its largest unit. */
export function span(ms) {
  const seconds = Math.max(0, ms / 1_000)
  const [, unit, name] = STEPS.find(([limit]) => seconds < limit)
  return `${Math.floor(seconds / unit)} ${name}`
}

export function ago(time, now) {
  return now - time < 2_000 ? 'now' : `${span(now - time)} ago`
}

/** A length of time in milliseconds, in hours. */
export const hours = ms => {
  const value = ms / 3_600_000
  if (Number.isInteger(value)) return count(value)
  if (value < 0.05) return 'under 0.1'
  return value >= 100 ? count(Math.round(value)) : value.toFixed(value < 10 ? 1 : 0)
}
