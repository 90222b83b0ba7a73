import type { Language } from './words.js'

/** Where listeners live. Zones are fixed offsets of winter time: a simulated day does not need summer time. */
export interface Place {
  readonly country: string
  /** Hours ahead of UTC. */
  readonly zone: number
  readonly language: Language
  readonly weight: number
}

const place = (country: string, zone: number, language: Language, weight: number): Place => ({ country, zone, language, weight })

export const places: readonly Place[] = [
  place('US', -5, 'en', 14),
  place('US', -8, 'en', 7),
  place('GB', 0, 'en', 9),
  place('DE', 1, 'de', 9),
  place('FR', 1, 'fr', 7),
  place('ES', 1, 'es', 6),
  place('IT', 1, 'it', 5),
  place('SE', 1, 'sv', 4),
  place('NL', 1, 'en', 3),
  place('MX', -6, 'es', 7),
  place('AR', -3, 'es', 3),
  place('BR', -3, 'pt', 8),
  place('PT', 0, 'pt', 2),
  place('JP', 9, 'ja', 4),
  place('KR', 9, 'ko', 3),
  place('IN', 5.5, 'hi', 6),
  place('NG', 1, 'yo', 3),
  place('AU', 10, 'en', 3),
  place('CA', -5, 'en', 3)
]
