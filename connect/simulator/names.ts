import type { Genre } from './genres.js'
import { type Random, Weighted } from './random.js'
import { type Language, type Words, words } from './words.js'

export function languageOf(random: Random, genre: Genre): Language {
  const shares = Object.entries(genre.languages) as [Language, number][]
  return new Weighted(shares, share => share[1]).pick(random)[0]
}

/** Draws until the name is a new one; after some tries a number makes it so. */
function unique(taken: Set<string>, draw: () => string): string {
  let name = draw()
  for (let tries = 0; taken.has(name) && tries < 30; tries++) name = draw()
  for (let base = name, number = 2; taken.has(name); number++) name = `${base} ${number}`
  taken.add(name)
  return name
}

export function artistName(random: Random, language: Language, solo: boolean, taken: Set<string>): string {
  const { given, family, bandHeads, bandTails }: Words = words[language]
  return unique(taken, () => {
    if (solo)
      return random.chance(0.12)
        ? random
            .shuffle([...given])
            .slice(0, 2)
            .join(' & ')
        : `${random.pick(given)} ${random.pick(family)}`
    const head = random.pick(bandHeads)
    return bandTails.length === 0 || random.chance(0.35) ? head : `${head} ${random.pick(bandTails)}`
  })
}

export function title(random: Random, language: Language, taken: Set<string>): string {
  const { heads, tails, phrases }: Words = words[language]
  return unique(taken, () => (random.chance(0.25) ? random.pick(phrases) : `${random.pick(heads)} ${random.pick(tails)}`))
}

/** What some titles of albums' later tracks carry. */
export function withVersion(random: Random, name: string, year: number): string {
  if (random.chance(0.012)) return `${name} - Live`
  if (random.chance(0.012)) return `${name} - Acoustic`
  return year < 1995 && random.chance(0.15) ? `${name} - Remastered ${year + 25}` : name
}

export function listenerId(random: Random, language: Language, index: number): string {
  const name = random
    .pick(words[language].given)
    .normalize('NFD')
    .replace(/[^A-Za-z]/g, '')
    .toLowerCase()
  return `${name}-${String(index + 1).padStart(3, '0')}`
}
