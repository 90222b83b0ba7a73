/** How keys and values lie in lmdb. */

export const MAX_KEY_CHARACTERS = 640

export const keyEncoder = {
  writeKey(key: string, target: Buffer, start: number): number {
    const length = key.length
    if (length > MAX_KEY_CHARACTERS) throw new RangeError(`A key has ${length} characters; ${MAX_KEY_CHARACTERS} is the most.`)
    for (let i = 0; i < length; i++) {
      const code = key.charCodeAt(i)
      if (code > 127) return start + target.write(key, start, 'utf8')
      target[start + i] = code
    }
    return start + length
  },
  readKey: (source: Buffer, start: number, end: number): string => source.toString('utf8', start, end)
}

/** lmdb hands out a buffer that the next read overwrites: what leaves this file is a copy. */
export const encoder = {
  encode: (value: Buffer): Buffer => value,
  decode(bytes: Buffer): Buffer {
    const length = bytes.length
    const copy = Buffer.allocUnsafe(length)
    copy.set(bytes.subarray(0, length))
    return copy
  }
}
