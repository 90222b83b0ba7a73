import { Type } from '@sinclair/typebox'
import { Count, Nullable, OneOf, Time } from './common.js'

const PartitionLagSchema = Type.Object({ topic: Type.String(), partition: Count, records: Count })
export const LagSchema = Type.Object({ tasks: Type.Array(PartitionLagSchema), view: Type.Array(PartitionLagSchema) })
export const TaskStateSchema = Type.Object({
  unit: Type.String(),
  partition: Count,
  state: OneOf(['created', 'restoring', 'running', 'closing', 'failed']),
  detail: Nullable(Type.String())
})

export const TopologySchema = Type.Object({
  nodes: Type.Array(
    Type.Object({
      id: Type.String(),
      kind: OneOf(['topic', 'processor', 'store', 'source', 'sink']),
      label: Type.String(),
      unit: Nullable(Type.String())
    })
  ),
  edges: Type.Array(
    Type.Object({
      from: Type.String(),
      to: Type.String(),
      rate: Type.Number({ minimum: 0, description: 'Records per second.' }),
      lag: Nullable(Count)
    })
  ),
  lag: LagSchema,
  tasks: Type.Array(TaskStateSchema),
  activity: Nullable(
    Type.Object({ what: Type.String(), share: Type.Number({ minimum: 0, maximum: 1, description: 'How much of it is done.' }) })
  )
})

export const HealthSchema = Type.Object({
  status: OneOf(['healthy', 'degraded']),
  reason: Nullable(Type.String()),
  time: Time,
  uptime_s: Type.Number({ minimum: 0 }),
  tasks: Type.Array(TaskStateSchema),
  lag: Nullable(
    Type.Object({ tasks: Count, view: Count }, { description: "Records waiting, summed over partitions; null where that can't be told." })
  ),
  cache: Type.Object({ entries: Count, bytes: Count, hits: Count, misses: Count, hit_rate: Type.Number({ minimum: 0, maximum: 1 }) }),
  live_clients: Count,
  memory_bytes: Count
})

export const LiveSchema = Type.Object({ status: OneOf(['live']) })
export const ReadySchema = Type.Object({ status: OneOf(['ready']) })

export const IngestSchema = Type.Object({ accepted: Type.Integer({ minimum: 0, description: 'Lines written to the topics.' }) })
