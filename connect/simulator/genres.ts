import type { Language } from './words.js'

export interface Genre {
  readonly name: string
  /** Share of all listening, about. */
  readonly weight: number
  readonly languages: Readonly<Partial<Record<Language, number>>>
  /** Genres that its listeners also like. */
  readonly related: readonly string[]
  /** Share of artists who perform under a person's name. */
  readonly solo: number
  /** Median length of a track, seconds. */
  readonly seconds: number
}

const genre = (
  name: string,
  weight: number,
  languages: Genre['languages'],
  solo: number,
  seconds: number,
  ...related: readonly string[]
): Genre => ({ name, weight, languages, solo, seconds, related })

export const genres: readonly Genre[] = [
  genre('indie pop', 9, { en: 7, sv: 2, fr: 1, de: 1 }, 0.3, 212, 'dream pop', 'synth pop', 'indie rock'),
  genre('dream pop', 4, { en: 7, fr: 1, ja: 1, sv: 1 }, 0.2, 245, 'indie pop', 'ambient'),
  genre('indie rock', 8, { en: 8, de: 1, es: 1 }, 0.1, 225, 'indie pop', 'garage punk', 'folk'),
  genre('garage punk', 4, { en: 7, es: 1, it: 1, sv: 1 }, 0.02, 152, 'indie rock', 'metal'),
  genre('metal', 5, { en: 7, sv: 3, de: 2 }, 0.02, 288, 'garage punk'),
  genre('folk', 6, { en: 7, sv: 1, it: 1, pt: 1 }, 0.75, 208, 'singer-songwriter', 'indie rock'),
  genre('singer-songwriter', 7, { en: 6, it: 2, fr: 2, de: 1 }, 0.98, 214, 'folk', 'indie pop', 'chanson'),
  genre('hip hop', 11, { en: 7, fr: 2, de: 2, es: 1 }, 0.7, 183, 'r&b', 'afrobeats', 'reggaeton'),
  genre('r&b', 8, { en: 8, ko: 1 }, 0.9, 204, 'hip hop', 'jazz', 'afrobeats'),
  genre('jazz', 4, { en: 5, sv: 1, ja: 1, it: 1, pt: 1 }, 0.7, 318, 'r&b', 'bossa nova', 'piano'),
  genre('piano', 3, { fr: 2, de: 2, it: 2, ja: 1, en: 1 }, 1, 176, 'ambient', 'jazz'),
  genre('ambient', 3, { en: 4, ja: 1, de: 1 }, 0.3, 262, 'piano', 'techno', 'dream pop'),
  genre('house', 6, { en: 6, fr: 2, de: 1, yo: 1 }, 0.35, 238, 'techno', 'synth pop'),
  genre('techno', 4, { de: 4, en: 3, it: 1 }, 0.35, 366, 'house', 'ambient'),
  genre('synth pop', 6, { en: 6, fr: 1, sv: 2, de: 1 }, 0.3, 219, 'indie pop', 'house', 'city pop'),
  genre('k-pop', 6, { ko: 1 }, 0.15, 189, 'city pop', 'synth pop'),
  genre('city pop', 3, { ja: 1 }, 0.45, 254, 'k-pop', 'synth pop'),
  genre('latin pop', 8, { es: 8, pt: 1, it: 1 }, 0.65, 203, 'reggaeton', 'bossa nova'),
  genre('reggaeton', 7, { es: 1 }, 0.85, 192, 'latin pop', 'hip hop'),
  genre('bossa nova', 3, { pt: 1 }, 0.7, 171, 'jazz', 'latin pop'),
  genre('afrobeats', 5, { yo: 5, en: 1 }, 0.8, 187, 'hip hop', 'r&b', 'house'),
  genre('chanson', 3, { fr: 1 }, 0.8, 207, 'singer-songwriter', 'indie pop'),
  genre('hindi pop', 4, { hi: 1 }, 0.75, 248, 'singer-songwriter', 'r&b')
]
