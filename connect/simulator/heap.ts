/** A binary heap: the item with the lowest key first. */
export class Heap<T> {
  private readonly items: T[] = []

  constructor(private readonly key: (item: T) => number) {}

  get size(): number {
    return this.items.length
  }

  peek(): T | undefined {
    return this.items[0]
  }

  push(item: T): void {
    const { items, key } = this
    let index = items.length
    items.push(item)
    while (index > 0) {
      const parent = (index - 1) >>> 1
      if (key(items[parent]!) <= key(item)) break
      items[index] = items[parent]!
      index = parent
    }
    items[index] = item
  }

  pop(): T | undefined {
    const { items, key } = this
    const first = items[0]
    const last = items.pop()
    if (first === undefined || last === undefined || items.length === 0) return first
    let index = 0
    for (;;) {
      let child = 2 * index + 1
      if (child >= items.length) break
      if (child + 1 < items.length && key(items[child + 1]!) < key(items[child]!)) child++
      if (key(items[child]!) >= key(last)) break
      items[index] = items[child]!
      index = child
    }
    items[index] = last
    return first
  }
}
