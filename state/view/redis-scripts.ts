/** What Redis does in one step. Lua, because a batch and its position must change together, and one call costs less than many. */
import { createHash } from 'node:crypto'

export interface Script {
  readonly text: string
  readonly sha: string
  /** How many of the arguments are keys. */
  readonly keys: number
}

const script = (keys: number, text: string): Script => ({ keys, text, sha: createHash('sha1').update(text).digest('hex') })

// Both keys, or neither: one that was evicted takes the other with it.
const positionOf = `
local function position(values, order, field)
  local at = redis.call('HGET', values, field)
  if at and redis.call('ZSCORE', order, field .. ':' .. at) then return at end
  if redis.call('EXISTS', values, order) == 1 or at then redis.call('UNLINK', values, order) end
  return false
end
`

/** KEYS: values, order. ARGV: position field. */
export const positionScript = script(2, `${positionOf} return position(KEYS[1], KEYS[2], ARGV[1])`)

/**
 * KEYS: values, order. ARGV: position field, from, to, changes channel, message, number of removed keys, these, then keys and
 * values in turn. Returns 1, or 0: refused.
 */
export const applyScript = script(
  2,
  `${positionOf}
local values, order, field = KEYS[1], KEYS[2], ARGV[1]
local at = position(values, order, field)
if tonumber(at or 0) ~= tonumber(ARGV[2]) then return 0 end
local removed = tonumber(ARGV[6])
for i = 7, 6 + removed do
  redis.call('HDEL', values, ARGV[i])
  redis.call('ZREM', order, ARGV[i])
end
for i = 7 + removed, #ARGV, 2 do
  if redis.call('HSET', values, ARGV[i], ARGV[i + 1]) == 1 then redis.call('ZADD', order, 0, ARGV[i]) end
end
if at then redis.call('ZREM', order, field .. ':' .. at) end
redis.call('HSET', values, field, ARGV[3])
redis.call('ZADD', order, 0, field .. ':' .. ARGV[3])
if ARGV[5] ~= '' then redis.call('PUBLISH', ARGV[4], ARGV[5]) end
return 1`
)

/** KEYS: values, order. ARGV: the ends of the range, as ZRANGE BYLEX takes them, and the limit. Returns keys and values in turn. */
export const scanScript = script(
  2,
  `
local found = {}
for _, key in ipairs(redis.call('ZRANGE', KEYS[2], ARGV[1], ARGV[2], 'BYLEX', 'LIMIT', 0, ARGV[3])) do
  found[#found + 1] = key
  found[#found + 1] = redis.call('HGET', KEYS[1], key)
end
return found`
)

/** KEYS: the live key. ARGV: application. */
export const goLiveScript = script(1, `redis.call('SET', KEYS[1], ARGV[1]) return redis.call('PUBLISH', KEYS[1], ARGV[1])`)
