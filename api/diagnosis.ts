/** What operators look at and mend. Given to the API by whoever composes the program. Times are milliseconds. */

export interface Position {
  readonly topic: string
  readonly partition: number
  readonly offset: number
}

/** A record that was rejected. */
export interface Letter {
  /** `topic-partition-offset` of the record. */
  readonly id: string
  readonly code: string
  /** A sentence. */
  readonly reason: string
  readonly topic: string
  readonly record_time: number
  readonly processor: string
  /** Where the letter itself is. */
  readonly at: Position
}

export interface OpenedLetter extends Letter {
  readonly key: string | null
  /** The record's fields, where a schema decodes them. */
  readonly event: unknown
  readonly bytes: Uint8Array | null
}

export interface DeadLetters {
  /** The newest of each partition first. `searched`: records read; `complete`: there are no more than those. */
  list(limit: number, code?: string): Promise<{ letters: readonly Letter[]; searched: number; complete: boolean }>
  find(id: string): Promise<OpenedLetter | undefined>
  /** Sends the records again to where they came from, as they were; they are judged anew. Resolves to the ids that were found. */
  retry(ids: readonly string[]): Promise<readonly string[]>
}

export interface JourneyTrack {
  readonly track_id: string
  readonly occurred_at: number
}

/** What became of one event. */
export interface Journey {
  readonly raw: Position & { readonly record_time: number; readonly event: unknown }
  /** `waiting`: not processed yet; `unknown`: processed, and no trace of it was found within the search. */
  readonly verdict: 'accepted' | 'duplicate' | 'rejected' | 'waiting' | 'unknown'
  /** The canonical event; of a duplicate, the one that counts. */
  readonly clean:
    | (Position & { readonly type: string; readonly user_id: string; readonly track_id: string; readonly occurred_at: number })
    | null
  readonly letter: Letter | null
  /** Of an accepted play. */
  readonly session: {
    readonly started_at: number
    readonly last_play_at: number
    /** In order; those that were found near the event. */
    readonly plays: readonly JourneyTrack[]
    /** The event's place in it, from 0. */
    readonly place: number
    /** Whether the search reached what lies before and after it; else plays may be missing. */
    readonly complete: boolean
    /** The last record of the listener's latest session. */
    readonly published: Position | null
  } | null
  /**
   * With each other track of the session: k (semantics, section 4) where it was played before the event, and where the event was
   * played before it; null: not, or more than 20 tracks away.
   */
  readonly pairs: readonly { readonly track_id: string; readonly before: number | null; readonly after: number | null }[]
  /** The last record of the track's list of neighbours. */
  readonly neighbours: Position | null
  /** How far the view has read the partitions of the last two. */
  readonly view: readonly Position[]
  /** Records that were read to find all this. */
  readonly searched: number
}

/** An event as a source sent it. */
export interface RawEvent extends Position {
  readonly record_time: number
  readonly event_id: string
  readonly user_id: string
  readonly track_name: string
}

export interface Journeys {
  /** The last ones of each input partition, the latest first. */
  latest(limit: number): Promise<readonly RawEvent[]>
  /** The latest record with this event id, among the last ones of each input topic; of the listener's partition where named. */
  find(eventId: string, userId?: string): Promise<{ journey: Journey | undefined; searched: number; complete: boolean }>
}

export interface Chaos {
  /** Lets a task crash; resolves when it runs again, to the milliseconds it took; undefined: it runs elsewhere, or nowhere. */
  crash(unit: string, partition: number, stateLost: boolean): Promise<number | undefined>
}

/** Whether all that came in was counted exactly once. */
export interface Audit {
  /** Records in the input topics. */
  readonly records: number
  /** Accepted, rejected and duplicate ones together. */
  readonly counted: number
  /** Null: it never was quiet enough to tell. */
  readonly exact: boolean | null
}

export interface Diagnosis {
  readonly letters: DeadLetters
  readonly journeys: Journeys
  readonly audit: () => Promise<Audit>
  /** Undefined: tasks may not be killed here. */
  readonly chaos: Chaos | undefined
}
