import type { StoreSnapshot } from './store.js'

/** The snapshots of a store that are open: none of them may outlive it. */
export class Snapshots {
  readonly #open = new Set<StoreSnapshot>()

  /** `moment`: how an adapter reads. */
  open(moment: StoreSnapshot): StoreSnapshot {
    let isOpen = true
    const check = () => {
      if (!isOpen) throw new Error('The snapshot was closed: its store was closed, or its task went elsewhere.')
    }
    const snapshot: StoreSnapshot = {
      get(space, key) {
        check()
        return moment.get(space, key)
      },
      async *range(space, options) {
        check()
        for await (const entry of moment.range(space, options)) {
          yield entry
          check()
        }
      },
      close: async () => {
        if (!isOpen) return
        isOpen = false
        this.#open.delete(snapshot)
        await moment.close()
      }
    }
    this.#open.add(snapshot)
    return snapshot
  }

  async close(): Promise<void> {
    for (const snapshot of this.#open) await snapshot.close()
  }
}
