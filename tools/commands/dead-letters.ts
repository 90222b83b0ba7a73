import type { Config } from '../../config.js'
import { deadLetters, type Letter, recordOf } from '../dead-letters.js'
import { type Base, openBase } from '../embedded.js'

export interface LetterFlags {
  readonly code?: string
  readonly execute?: boolean
}

const BATCH = 500
const say = (line: string) => process.stdout.write(`${line}\n`)
const time = (ms: number) => new Date(ms).toISOString()

async function withLetters<T>(config: Config, use: (base: Base) => Promise<T>): Promise<T> {
  const base = await openBase(config, { purpose: 'segue dlq', stateless: true })
  try {
    return await use(base)
  } finally {
    await base.close()
  }
}

/** One line each: id, time, code, reason. */
export const listLetters = (config: Config, { code }: LetterFlags): Promise<number> =>
  withLetters(config, async base => {
    let count = 0
    for await (const letter of deadLetters(base)) {
      if (code !== undefined && letter.code !== code) continue
      count++
      say(`${letter.id}  ${time(letter.record_time)}  ${letter.code}  ${letter.reason}`)
    }
    say(`${count} dead letters.`)
    return 0
  })

/** All that is known of one, with its value decoded where that can be. */
export const showLetter = (config: Config, id: string): Promise<number> =>
  withLetters(config, async base => {
    const letter = await find(base, id)
    const { key, value, record_time, ...rest } = letter
    const bytes = value === null ? null : Buffer.from(value)
    say(
      JSON.stringify(
        { ...rest, record_time: time(record_time), key: key && `${Buffer.from(key)}`, ...decoded(base, letter, bytes) },
        null,
        2
      )
    )
    return 0
  })

/** Sends records again to where they came from; they are judged anew, and what was accepted meanwhile is a duplicate. */
export const retryLetters = (config: Config, ids: readonly string[], { code, execute }: LetterFlags): Promise<number> =>
  withLetters(config, async base => {
    if (ids.length === 0 && code === undefined) throw new Error('Say which: ids as segue dlq list prints them, or --code CODE.')
    const chosen: Letter[] = []
    for await (const letter of deadLetters(base)) if (ids.includes(letter.id) || letter.code === code) chosen.push(letter)
    const unknown = ids.filter(id => !chosen.some(letter => letter.id === id))
    if (unknown.length > 0) throw new Error(`There is no dead letter ${unknown.join(', ')}.`)
    for (const { id, topic, code } of chosen) say(`${id}  ${code}  to ${topic}`)
    if (!execute) {
      say(`${chosen.length} records would be sent again: --execute does it.`)
      return 0
    }
    for (let i = 0; i < chosen.length; i += BATCH) await base.log.send(chosen.slice(i, i + BATCH).map(recordOf))
    say(`${chosen.length} records were sent again.`)
    return 0
  })

async function find(base: Base, id: string): Promise<Letter> {
  for await (const letter of deadLetters(base)) if (letter.id === id) return letter
  throw new Error(`There is no dead letter ${id}: segue dlq list prints them.`)
}

function decoded({ codec }: Base, { topic }: Letter, bytes: Buffer | null): Record<string, unknown> {
  if (bytes === null) return { value: null }
  try {
    return { value: codec.decode(topic as 'spotify-plays', bytes) }
  } catch {
    return { bytes: bytes.toString('hex') }
  }
}
