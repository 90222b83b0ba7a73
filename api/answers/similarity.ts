import type { ArtistAffinity } from '../../schemas/events.js'

/** A listener's artists with the parts of a vector of unit length; negative sums count as 0 (semantics, section 8). */
export type TasteVector = ReadonlyMap<string, number>

export function tasteOf(affinity: ArtistAffinity | undefined): TasteVector {
  const loved = affinity?.artists.filter(({ a }) => a > 0) ?? []
  const norm = Math.hypot(...loved.map(({ a }) => a))
  return new Map(loved.map(({ artist_id, a }) => [artist_id, a / norm]))
}

export interface SharedArtist {
  readonly artist_id: string
  /** Its part of the similarity, in (0, 1]. */
  readonly share: number
}

export interface Similarity {
  /** The cosine of the two vectors, in [0, 1]. */
  readonly similarity: number
  /** Those that contribute most first, equal ones in the order of their ids. */
  readonly shared: readonly SharedArtist[]
}

export function similarityOf(a: TasteVector, b: TasteVector): Similarity {
  const products: { artist_id: string; product: number }[] = []
  for (const [artist_id, part] of a) {
    const other = b.get(artist_id)
    if (other !== undefined) products.push({ artist_id, product: part * other })
  }
  products.sort((x, y) => y.product - x.product || (x.artist_id < y.artist_id ? -1 : 1))
  const sum = products.reduce((total, { product }) => total + product, 0)
  const shared = products.map(({ artist_id, product }) => ({ artist_id, share: product / sum }))
  // Rounding may lead a little beyond 1.
  return { similarity: Math.min(1, sum), shared }
}
