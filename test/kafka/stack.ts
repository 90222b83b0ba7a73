import { type PartName, partNames } from '../../tools/stack/addresses.js'
import { type Stack, startStack } from '../../tools/stack/stack.js'

/**
 * The stack of this run. A test may kill and restart its parts, and leaves them running; topics, subjects and keys are named
 * so that tests don't meet.
 */
export function sharedStack(parts: readonly PartName[] = partNames): Promise<Stack> {
  const dir = process.env.SEGUE_TEST_STACK
  if (!dir) throw new Error('This test runs on the real stack: npm run test:kafka -- FILE')
  return startStack({ dir, parts })
}
