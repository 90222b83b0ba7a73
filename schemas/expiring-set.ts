/** Numbers that are remembered for a while, the latest `limit` of them. */
export class ExpiringSet {
  private readonly expiries = new Map<number, number>()

  constructor(
    private readonly milliseconds: number,
    private readonly limit: number,
    private readonly clock: () => number
  ) {}

  add(value: number): void {
    this.expiries.delete(value)
    this.expiries.set(value, this.clock() + this.milliseconds)
    for (const oldest of this.expiries.keys()) {
      if (this.expiries.size <= this.limit) break
      this.expiries.delete(oldest)
    }
  }

  has(value: number): boolean {
    const expiry = this.expiries.get(value)
    if (expiry === undefined) return false
    if (this.clock() < expiry) return true
    this.expiries.delete(value)
    return false
  }
}
