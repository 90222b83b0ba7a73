/** How listeners connect their Spotify account. Given to the API by whoever composes the program. */
export interface SpotifyConsent {
  /** Where the listener's browser goes, and what must come back with it. */
  begin(): { readonly url: string; readonly state: string }
  /** The way back. @throws ProblemError in a sentence for the listener */
  complete(answer: ConsentAnswer): Promise<{ readonly userId: string }>
}

export interface ConsentAnswer {
  readonly state?: string | undefined
  readonly code?: string | undefined
  readonly error?: string | undefined
}

/** Between these times, milliseconds, something was played that the account's source could not see. */
export interface ListeningGap {
  readonly from: number
  readonly to: number
}

/** The gaps of a listener's connected account; undefined: none is connected. */
export type FindGaps = (userId: string) => readonly ListeningGap[] | undefined
