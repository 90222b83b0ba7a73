import type { Clock } from '../../../streams/clock.js'
import {
  type Consumer,
  type GroupListener,
  type Log,
  OutcomeUnknownError,
  RetriableLogError,
  type TaskId,
  type TransactionalProducer
} from '../../../streams/log/log.js'
import type { Process } from './process.js'
import type { Chance } from './random.js'

/**
 * The log as one process sees it: requests and answers take their time and get lost. A request that is on its way when its
 * process dies still arrives.
 */
export function overNetwork(log: Log, process: Process, clock: Clock, chance: Chance): Log {
  const wait = async (): Promise<void> => {
    const ms = chance.latency()
    if (ms > 0) await clock.sleep(ms)
  }
  const call = <T>(request: () => Promise<T>, lossy: boolean): Promise<T> =>
    process.call(async () => {
      await wait()
      if (chance.fault(0.02)) throw new RetriableLogError('nothing was done')
      if (lossy && chance.fault(0.02)) throw new OutcomeUnknownError('the request was lost')
      const result = await request()
      if (lossy && chance.fault(0.04)) throw new OutcomeUnknownError('the reply was lost')
      await wait()
      return result
    })
  const producer = async (id: string): Promise<TransactionalProducer> => {
    const inner = await call(() => log.transactionalProducer(id), true)
    return { close: () => call(() => inner.close(), false), commit: transaction => call(() => inner.commit(transaction), true) }
  }
  const own: Partial<Log> = {
    transactionalProducer: producer,
    // Little at a time, so that restoring can be interrupted.
    fetch: (partition, offset) => call(() => log.fetch(partition, offset, 1 + chance.below(300)), false),
    join: (group, units, listener) =>
      process.call(async () => consumer(await log.join(group, units, from(process, listener)), process, chance))
  }
  return new Proxy(log, {
    get: (target, name) => {
      const method = Reflect.get(own, name) ?? Reflect.get(target, name)
      if (name in own) return method
      return (...args: unknown[]) => call(() => (method as (...all: unknown[]) => Promise<unknown>).apply(target, args), false)
    }
  })
}

/** The group's calls reach a process while it runs. A dead one's tasks are free. */
function from(process: Process, listener: GroupListener): GroupListener {
  const told = (call: (tasks: readonly TaskId[]) => Promise<void>) => (tasks: readonly TaskId[]) =>
    process.alive
      ? new Promise<void>((resolve, reject) => {
          process.onDeath(resolve)
          process.deliver(() => call(tasks).then(resolve, reject))
        })
      : Promise.resolve()
  return { assigned: told(listener.assigned), revoked: told(listener.revoked), lost: told(listener.lost) }
}

function consumer(inner: Consumer, process: Process, chance: Chance): Consumer {
  process.onDeath(() => void inner.close())
  return {
    memberId: inner.memberId,
    seek: (partition, offset) => inner.seek(partition, offset),
    position: partition => inner.position(partition),
    poll: (partition, max) => {
      if (chance.fault(0.002)) throw new RetriableLogError('reading failed')
      return inner.poll(partition, max)
    },
    onData: callback => inner.onData(() => process.deliver(callback)),
    close: () => process.call(() => inner.close())
  }
}
