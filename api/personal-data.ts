/** One listener's data as a whole. Given to the API by whoever composes the program. */
export interface PersonalData {
  /** All that is kept under a listener's id, as one JSON document, in chunks. */
  export(userId: string): AsyncIterable<string>
  /** Whether others may compare themselves with the listener, from now on; resolves when that is certain to happen. */
  share(choice: SharingChoice): Promise<void>
  /** Deletes it; resolves when that is certain to happen. */
  erase(userId: string): Promise<void>
}

export interface SharingChoice {
  readonly user_id: string
  readonly shares: boolean
  readonly alias: string
  /** What the listener wants to be called. */
  readonly name: string | null
}
