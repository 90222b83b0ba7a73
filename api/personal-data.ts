/** One listener's data as a whole. Given to the API by whoever composes the program. */
export interface PersonalData {
  /** All that is kept under a listener's id, as one JSON document, in chunks. */
  export(userId: string): AsyncIterable<string>
  /** Deletes it; resolves when that is certain to happen. */
  erase(userId: string): Promise<void>
}
