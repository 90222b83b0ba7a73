/** Seeded randomness: the same parts give the same sequence on every machine. Not for secrets. */

/** FNV-1a with a final mix (murmur3's), 32 bits. */
function hash(text: string, basis: number): number {
  let h = basis
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

/** The generator is sfc32 (Chris Doty-Humphrey, PractRand): fast, 128 bits of state. */
export class Random {
  private a: number
  private b: number
  private c: number
  private counter = 1

  constructor(...parts: readonly (string | number)[]) {
    const text = parts.join('\u001f')
    this.a = hash(text, 0x811c9dc5)
    this.b = hash(text, 0x9e3779b9)
    this.c = hash(text, 0x7f4a7c15)
    for (let i = 0; i < 12; i++) this.next()
  }

  /** In [0, 1). */
  next(): number {
    const t = (((this.a + this.b) | 0) + this.counter) | 0
    this.counter = (this.counter + 1) | 0
    this.a = this.b ^ (this.b >>> 9)
    this.b = (this.c + (this.c << 3)) | 0
    this.c = (((this.c << 21) | (this.c >>> 11)) + t) | 0
    return (t >>> 0) / 4294967296
  }

  /** An integer in [0, n). */
  below(n: number): number {
    return Math.floor(this.next() * n)
  }

  /** In [low, high). */
  between(low: number, high: number): number {
    return low + this.next() * (high - low)
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!
  }

  exponential(mean: number): number {
    return -mean * Math.log(1 - this.next())
  }

  /** Box-Muller; sigma is that of the logarithm. */
  logNormal(median: number, sigma: number): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.next()))
    return median * Math.exp(sigma * radius * Math.cos(2 * Math.PI * this.next()))
  }

  /** Knuth's method: for small means. */
  poisson(mean: number): number {
    const limit = Math.exp(-mean)
    let count = 0
    for (let product = this.next(); product > limit; product *= this.next()) count++
    return count
  }

  /** In place (Fisher-Yates). */
  shuffle<T>(items: T[]): T[] {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.below(i + 1)
      const item = items[i]!
      items[i] = items[j]!
      items[j] = item
    }
    return items
  }

  /** Characters of base 62, as Spotify's ids have. */
  base62(length: number): string {
    let text = ''
    for (let i = 0; i < length; i++) text += base62Digits[this.below(62)]
    return text
  }
}

const base62Digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** Items drawn in proportion to their weights. */
export class Weighted<T> {
  private readonly sums: Float64Array

  constructor(
    readonly items: readonly T[],
    weight: (item: T, index: number) => number
  ) {
    if (items.length === 0) throw new RangeError('There is nothing to choose from.')
    let sum = 0
    this.sums = Float64Array.from(items, (item, index) => {
      sum += weight(item, index)
      return sum
    })
  }

  pick(random: Random): T {
    const target = random.next() * this.sums[this.sums.length - 1]!
    let low = 0
    let high = this.sums.length - 1
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.sums[middle]! > target) high = middle
      else low = middle + 1
    }
    return this.items[low]!
  }

  /** Up to `count` different ones, the heaviest more likely and earlier. */
  sample(random: Random, count: number): T[] {
    const chosen = new Set<T>()
    for (let tries = 0; chosen.size < Math.min(count, this.items.length) && tries < 20 * count; tries++) chosen.add(this.pick(random))
    return [...chosen]
  }
}
