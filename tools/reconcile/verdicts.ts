/** The verdicts of reconciliations: `<data directory>/reconciliations/<id>/summary.json`, and what else a report has. */
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Verdict } from '../../api/reconciliation.js'

/** Reports that stay on disk. */
const KEPT = 30
const SUMMARY = 'summary.json'

export const reportsDirectory = (dataDir: string): string => join(dataDir, 'reconciliations')
export const summaryFile = (dataDir: string, id: string): string => join(reportsDirectory(dataDir), id, SUMMARY)

/** An id sorts by time: it is also the name of the report's directory. */
export const idOf = (startedAt: Date): string => startedAt.toISOString().replaceAll(/[-:]/g, '').replace('.', '')

/** The latest first. What can't be read is passed over: a report that is being written has no summary yet. */
export async function lastVerdicts(dataDir: string, limit: number): Promise<Verdict[]> {
  const verdicts: Verdict[] = []
  for (const id of await ids(dataDir)) {
    if (verdicts.length >= limit) break
    try {
      const { started_at, duration_ms, verdict, reason, pause_ms, keys, differences, repaired } = JSON.parse(
        await readFile(summaryFile(dataDir, id), 'utf8')
      ) as Verdict
      verdicts.push({ id, started_at, duration_ms, verdict, reason, pause_ms, keys, differences, repaired })
    } catch {}
  }
  return verdicts
}

/** Deletes the oldest reports. */
export async function prune(dataDir: string): Promise<void> {
  for (const id of (await ids(dataDir)).slice(KEPT)) await rm(join(reportsDirectory(dataDir), id), { recursive: true, force: true })
}

async function ids(dataDir: string): Promise<string[]> {
  const names = await readdir(reportsDirectory(dataDir)).catch(() => [] as string[])
  return names
    .filter(name => /^\d{8}T\d+Z$/.test(name))
    .sort()
    .reverse()
}
