/** 2026-01-31T17:05:00.000Z */
export const isoTime = (milliseconds: number): string => new Date(milliseconds).toISOString()

export const quoted = (name: string): string => `“${name}”`

/** a · a and b · a, b and c */
export const listed = (parts: readonly string[]): string =>
  parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts[parts.length - 1]}`

export const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`
