/** How long each task went without a commit, milliseconds. */
export class CommitGaps {
  readonly #tasks = new Map<string, { last: number; longest: number }>()

  add(task: string): void {
    const now = performance.now()
    const known = this.#tasks.get(task)
    this.#tasks.set(task, { last: now, longest: known === undefined ? 0 : Math.max(known.longest, now - known.last) })
  }

  /** The longest ones, those that last still too; from now on others are counted. */
  take(): Record<string, number> {
    const now = performance.now()
    const longest = [...this.#tasks].map(([task, gap]) => [task, Math.max(gap.longest, now - gap.last)] as const)
    for (const gap of this.#tasks.values()) Object.assign(gap, { last: now, longest: 0 })
    return Object.fromEntries(longest)
  }
}
