import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { idHash } from '../../schemas/heard.js'
import type { View } from '../../state/view/view.js'
import type { Asked, Serving } from '../answers/serving.js'
import { ProblemError } from '../problem.js'
import type { Answer } from '../schemas/recommendations.js'
import { LiveFeed } from './feed.js'

/** The name of a track that was never played before comes a moment after its play: so often a list is made to have it. */
const LOOKS = 2

export interface StreamOptions {
  /** Streams at one time, of all and of one caller. */
  readonly clients: number
  readonly perSubject: number
  /** How long after a change of the session a list is computed: what the play changes of the listener has arrived by then, milliseconds. */
  readonly delayMs: number
  /** How long after that the next one is at the earliest, milliseconds. */
  readonly restMs: number
  readonly heartbeatMs: number
  /** A stream ends after so long, and its client asks again who may still read it, milliseconds. */
  readonly lifeMs: number
}

export interface StreamParts {
  readonly view: Pick<View, 'onChange'>
  readonly serving: Serving
  readonly options: StreamOptions
  /** A client with more bytes waiting than this is disconnected. */
  readonly bufferBytes: number
  readonly onError: (error: unknown) => void
}

/** A listener's list as JSON, and what it follows: the same tracks, the current one by the same name, the same id. */
interface List {
  readonly json: string
  readonly id: string
  /** The name of the current track has come already. */
  readonly isNamed: boolean
}

interface Stream {
  readonly asked: Asked & { readonly user: string }
  readonly client: ServerResponse
  /** Of the list that the client has. */
  id: string | undefined
}

/** Pushes a new list to those who watch a listener when the listener's track changes. Nothing is computed for nobody. */
export class RecommendationStreams {
  readonly #feed: LiveFeed
  readonly #streams = new Map<string, Set<Stream>>()
  readonly #subjects = new Map<string, number>()
  /** Listeners for whom something is under way; true: something changed again. */
  readonly #busy = new Map<string, boolean>()
  readonly #stopWatching: () => void
  readonly #stop = new AbortController()
  #heartbeat: NodeJS.Timeout | undefined

  constructor(private readonly parts: StreamParts) {
    this.#feed = new LiveFeed({ liveClients: parts.options.clients, liveBufferBytes: parts.bufferBytes })
    this.#stopWatching = parts.view.onChange((space, keys) => {
      if ((space !== 'user-sessions' && space !== 'now-playing') || this.#streams.size === 0) return
      for (const user of keys ?? this.#streams.keys()) if (this.#streams.has(user)) this.#changed(user)
    })
  }

  get clients(): number {
    return this.#feed.clients
  }

  /** @throws ProblemError 404: nothing is known of the listener; 429, 503: too many streams. */
  async open(asked: Stream['asked'], subject: string, known: string | undefined, hijack: () => ServerResponse): Promise<void> {
    const { options } = this.parts
    if (this.#feed.full) throw new ProblemError(503, `All ${options.clients} streams are taken: try again later.`)
    const count = this.#subjects.get(subject) ?? 0
    if (count >= options.perSubject) throw new ProblemError(429, `More than ${options.perSubject} streams at one time: end one of them.`)
    this.#subjects.set(subject, count + 1)
    let client: ServerResponse | undefined
    try {
      const list = await this.#list(asked)
      client = hijack()
      // Whoever left while the list was computed never comes to be a client.
      if (client.destroyed || this.#stop.signal.aborted) return this.#left(subject, client)
      this.#add({ asked, client, id: known }, subject, list)
    } catch (error) {
      if (client === undefined) this.#left(subject)
      throw error
    }
  }

  close(): void {
    this.#stop.abort()
    this.#stopWatching()
    clearInterval(this.#heartbeat)
    this.#feed.close()
  }

  #add(stream: Stream, subject: string, list: List): void {
    const { options } = this.parts
    const { client, asked } = stream
    const streams = this.#streams.get(asked.user) ?? new Set()
    this.#streams.set(asked.user, streams.add(stream))
    const end = setTimeout(() => client.end(), options.lifeMs).unref()
    client.once('close', () => {
      clearTimeout(end)
      streams.delete(stream)
      if (streams.size === 0) this.#streams.delete(asked.user)
      this.#left(subject)
      if (this.#streams.size > 0) return
      clearInterval(this.#heartbeat)
      this.#heartbeat = undefined
    })
    this.#feed.add(client)
    this.#heartbeat ??= setInterval(() => this.#feed.heartbeat(), options.heartbeatMs).unref()
    this.#tell(stream, list)
  }

  #left(subject: string, client?: ServerResponse): void {
    const count = (this.#subjects.get(subject) ?? 1) - 1
    if (count === 0) this.#subjects.delete(subject)
    else this.#subjects.set(subject, count)
    client?.destroy()
  }

  #changed(user: string): void {
    const isBusy = this.#busy.has(user)
    this.#busy.set(user, isBusy)
    if (!isBusy) void this.#push(user)
  }

  async #push(user: string): Promise<void> {
    const { options, onError } = this.parts
    const pause = (ms: number) => sleep(ms, undefined, { signal: this.#stop.signal, ref: false }).catch(() => undefined)
    const tell = async (stream: Stream) => {
      const list = await this.#list(stream.asked)
      this.#tell(stream, list)
      return list.isNamed
    }
    await pause(options.delayMs)
    let looks = 0
    do {
      this.#busy.set(user, false)
      let isNamed = true
      for (const stream of this.#streams.get(user) ?? []) {
        if (this.#stop.signal.aborted) break
        isNamed = (await tell(stream).catch(onError)) !== false && isNamed
      }
      await pause(options.restMs)
      if (!isNamed && ++looks < LOOKS) this.#busy.set(user, true)
    } while (this.#busy.get(user) === true && !this.#stop.signal.aborted)
    this.#busy.delete(user)
  }

  #tell(stream: Stream, { json, id }: List): void {
    if (stream.id === id || stream.client.destroyed) return
    stream.id = id
    this.#feed.sendJson('recommendations', json, id, [stream.client])
  }

  async #list(asked: Asked): Promise<List> {
    // Turned into a string at once: the bytes may be used again.
    const served = this.parts.serving.answer(asked)
    const json = String((served instanceof Promise ? await served : served).json)
    const { context, track_id, track_name } = JSON.parse(json) as Pick<Answer, 'context' | 'track_id' | 'track_name'>
    const id = idHash([...context, track_name].join('\u001f'))
      .toString(16)
      .padStart(8, '0')
    return { json, id, isNamed: track_id === null || track_name !== track_id }
  }
}
