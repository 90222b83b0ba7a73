import { statfsSync } from 'node:fs'
import { constants } from 'node:os'
import { StoreCorruptedError, StoreFullError } from './store.js'

/** lmdb's asynchronous commits reject with an error whose reason is the rejection of another promise. */
export async function cause(error: unknown): Promise<unknown> {
  const reason = (error as { commitError?: Promise<unknown> }).commitError
  return reason === undefined ? error : reason.catch(inner => inner)
}

const { ENOSPC, EDQUOT, EFBIG, EIO } = constants.errno
const SMALL_ROOM = 16 * 1024 * 1024

/** Names a native error by the reaction it asks for. */
export function named(error: unknown, directory: string): unknown {
  if (!(error instanceof Error) || error instanceof StoreCorruptedError) return error
  const { code } = error as { code?: unknown }
  const number = typeof code === 'string' ? constants.errno[code as keyof typeof constants.errno] : code
  // lmdb calls a write that was cut short an I/O error; on a full device, that is what it was.
  if (number === ENOSPC || number === EDQUOT || number === EFBIG || (number === EIO && room(directory) < SMALL_ROOM))
    return new StoreFullError(`There is no room left on the device to write ${directory}.`, { cause: error })
  if (typeof number === 'number' && number <= -30700 && number >= -30799)
    return new StoreCorruptedError(`lmdb can't use ${directory}: ${error.message}.`, { cause: error })
  return error
}

function room(directory: string): number {
  const { bavail, bsize } = statfsSync(directory)
  return bavail * bsize
}
