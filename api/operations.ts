/** What the API needs to know of the running application. Given to it by whoever composes the program. */
export interface Operations {
  /** Why the process should be restarted, as a sentence; null: its application starts, rebalances or runs. */
  notLive(): string | null
  /** Whether tasks run in this process; else they run in others. */
  readonly runsTasks: boolean
  topology(): Promise<TopologyGraph>
  lag(): Promise<Lag>
  taskStates(): Promise<readonly TaskState[]>
  /** What goes on for a while beside the usual; null: nothing. */
  activity(): Activity | null
  /** The computed state as one JSON document, in chunks; reading it may take as long as the client takes. */
  dump(): AsyncIterable<string | Uint8Array>
  /** Resolves when all that was in the log at the call is in the lake; false: there is no lake. Rejects with the reason. */
  flushLake(): Promise<boolean>
}

export interface Activity {
  /** A sentence. */
  readonly what: string
  /** How much of it is done, in [0, 1]. */
  readonly share: number
}

export interface TopologyGraph {
  readonly nodes: readonly TopologyNode[]
  readonly edges: readonly TopologyEdge[]
}

export interface TopologyNode {
  readonly id: string
  readonly kind: 'topic' | 'processor' | 'store' | 'source' | 'sink'
  readonly label: string
  /** The sub-topology of a processor or store. */
  readonly unit: string | null
}

export interface TopologyEdge {
  readonly from: string
  readonly to: string
  /** Records per second, over the last few seconds. */
  readonly rate: number
  /** Records waiting; null where nothing waits on an edge of this kind. */
  readonly lag: number | null
}

export interface PartitionLag {
  readonly topic: string
  readonly partition: number
  /** Records that are in the log and not yet processed (or mirrored). */
  readonly records: number
}

export interface Lag {
  /** Of the tasks, behind their inputs. */
  readonly tasks: readonly PartitionLag[]
  /** Of the view, behind the output topics. */
  readonly view: readonly PartitionLag[]
}

export interface TaskState {
  readonly unit: string
  readonly partition: number
  readonly state: 'created' | 'restoring' | 'running' | 'closing' | 'failed'
  /** A sentence for the operator, where there is something to say. */
  readonly detail: string | null
}
