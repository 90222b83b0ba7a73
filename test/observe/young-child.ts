/** Lets a small heap work, and prints the size of its young generation, megabytes. With an argument: as V8 has it. */
import { setTimeout as sleep } from 'node:timers/promises'
import { getHeapSpaceStatistics } from 'node:v8'

if (process.argv[2] === undefined) (await import('../../tools/collector.js')).tendHeap()
let kept: object[] = []
for (let turn = 0; turn < 1_000; turn++) {
  if (turn % 8 === 0) kept = []
  for (let i = 0; i < 20_000; i++) kept.push({ i })
  await sleep(1)
}
process.stdout.write(String(getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')!.space_size / 2 / 1024 / 1024))
