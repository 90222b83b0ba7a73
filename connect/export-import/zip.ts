/** Reads the files of a zip archive (APPNOTE 6.3: stored or deflated, below 4 GiB): what Spotify sends. */
import { type FileHandle, open } from 'node:fs/promises'
import { promisify } from 'node:util'
import { inflateRaw } from 'node:zlib'

const inflate = promisify(inflateRaw)

export interface ZipEntry {
  readonly name: string
  /** Bytes when unpacked. */
  readonly size: number
  read(): Promise<Buffer>
}

const endSignature = 0x06054b50
const entrySignature = 0x02014b50
const localSignature = 0x04034b50
const endBytes = 22
const longestComment = 65_535
/** A history file has some 12 MB; an archive that unpacks to more is not an export. */
const largestFile = 512 * 1024 * 1024

/** The entries of an archive; each is read when asked for. @throws Error it is no such archive. */
export async function readZip(path: string): Promise<ZipEntry[]> {
  const file = await open(path)
  try {
    const directory = await readDirectory(file, path)
    return parseDirectory(directory.bytes, directory.count, path)
  } finally {
    await file.close()
  }
}

async function readDirectory(file: FileHandle, path: string): Promise<{ bytes: Buffer; count: number }> {
  const { size } = await file.stat()
  const tailStart = Math.max(0, size - endBytes - longestComment)
  const tail = await readAt(file, tailStart, size - tailStart)
  for (let at = tail.length - endBytes; at >= 0; at--) {
    if (tail.readUInt32LE(at) !== endSignature) continue
    const start = tail.readUInt32LE(at + 16)
    const length = tail.readUInt32LE(at + 12)
    if (start + length > size) break
    return { bytes: await readAt(file, start, length), count: tail.readUInt16LE(at + 10) }
  }
  throw new Error(`${path} is not a complete zip archive: was the download interrupted?`)
}

function parseDirectory(bytes: Buffer, count: number, path: string): ZipEntry[] {
  const entries: ZipEntry[] = []
  for (let at = 0; entries.length < count; ) {
    if (at + 46 > bytes.length || bytes.readUInt32LE(at) !== entrySignature)
      throw new Error(`${path} is damaged: its table of contents breaks off.`)
    const method = bytes.readUInt16LE(at + 10)
    const packed = bytes.readUInt32LE(at + 20)
    const size = bytes.readUInt32LE(at + 24)
    const nameEnd = at + 46 + bytes.readUInt16LE(at + 28)
    const header = bytes.readUInt32LE(at + 42)
    const name = bytes.toString('utf8', at + 46, nameEnd)
    entries.push({ name, size, read: () => readEntry(path, { name, method, packed, size, header }) })
    at = nameEnd + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32)
  }
  return entries
}

async function readEntry(
  path: string,
  entry: { name: string; method: number; packed: number; size: number; header: number }
): Promise<Buffer> {
  const { name, method, packed, size, header } = entry
  if (size > largestFile) throw new Error(`it would unpack to ${size} bytes, which no history file has`)
  const file = await open(path)
  try {
    const local = await readAt(file, header, 30)
    if (local.readUInt32LE(0) !== localSignature) throw new Error(`the archive ${path} is damaged at ${name}`)
    const data = await readAt(file, header + 30 + local.readUInt16LE(26) + local.readUInt16LE(28), packed)
    if (method === 0) return data
    if (method !== 8) throw new Error(`it is packed with method ${method}, which is neither stored nor deflated`)
    return await inflate(data, { maxOutputLength: Math.max(1, size) })
  } finally {
    await file.close()
  }
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length)
  const { bytesRead } = await file.read(buffer, 0, length, position)
  if (bytesRead < length) throw new Error('the archive ends too early')
  return buffer
}
