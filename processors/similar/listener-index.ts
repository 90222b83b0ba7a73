import { artistListenerKey, tasteStep } from '../../schemas/catalogue.js'
import type { AffineArtist, ArtistListener } from '../../schemas/events.js'
import { type KeyValueStore, keyValueStore, type Serde } from '../../streams/processor.js'

/** Artists by which a listener can be found. */
const TERMS = 4
const SEPARATOR = '\n'

// An id has no control characters.
const entriesSerde: Serde<string> = {
  encode: entries => Buffer.from(entries),
  decode: bytes => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString()
}

/** What is in the index of each listener: `artist step` lines. */
export const listenerIndex = keyValueStore('listener-index', entriesSerde)

type Send = (key: string, value: ArtistListener | null) => void

/**
 * Keeps the index of listeners by their strongest artists: a function of the published affinities alone. A part of the vector
 * moves little with one more play, so that nearly no event changes anything here.
 */
export function updateIndex(store: KeyValueStore<string>, user_id: string, artists: readonly AffineArtist[], send: Send): void {
  const known = store.get(user_id) ?? ''
  const entries = entriesOf(artists).join(SEPARATOR)
  if (entries === known) return
  const [before, after] = [new Set(linesOf(known)), new Set(linesOf(entries))]
  for (const line of before) if (!after.has(line)) send(keyOf(line, user_id), null)
  for (const line of after) if (!before.has(line)) send(keyOf(line, user_id), { ...parse(line), user_id })
  if (entries === '') store.delete(user_id)
  else store.put(user_id, entries)
}

/** `artists`: the strongest first. */
function entriesOf(artists: readonly AffineArtist[]): string[] {
  let squares = 0
  for (const { a } of artists) if (a > 0) squares += a * a
  const norm = Math.sqrt(squares)
  return artists
    .slice(0, TERMS)
    .filter(({ a }) => a > 0)
    .map(({ artist_id, a }) => `${tasteStep(a / norm)}${artist_id}`)
}

const linesOf = (entries: string): string[] => (entries === '' ? [] : entries.split(SEPARATOR))
const parse = (line: string) => ({ step: Number(line[0]), artist_id: line.slice(1) })

function keyOf(line: string, user: string): string {
  const { artist_id, step } = parse(line)
  return artistListenerKey(artist_id, step, user)
}
