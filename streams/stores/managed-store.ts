/** A changelog record and a store write in one: what was put, or null for what was deleted. */
export type StoreEntry = readonly [key: string, value: Uint8Array | null]

/** What a task needs of each kind of store at a commit. */
export interface ManagedStore {
  readonly name: string
  /** What changed since the last commit, for the changelog and the store alike. */
  prepare(): StoreEntry[]
  /** The log has committed and the store holds what `prepare` returned. */
  committed(): void
}
