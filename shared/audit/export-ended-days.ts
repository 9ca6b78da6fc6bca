import { type Clock, DAY_MS } from '#shared/platform/clock.ts'
import type { AuditExports } from './audit-exports.ts'
import { dayOf } from './audit-keys.ts'
import { dailyExport, type ExportTask } from './export-audit.ts'

/** How long after its end a day is exported, in milliseconds: by then its last records are sealed. */
const REST_MS = 15 * 60_000
/** Ended days that are looked after: an outage may be long. */
const DAYS_BACK = 3
/** How long an export has before it is asked for again, in milliseconds. */
const AGAIN_AFTER_MS = 10 * 60_000

/** What was asked for lately, and the days of which nothing is left to do; kept as long as the container. */
export type ExportProgress = { asked: Map<string, number>; finished: Set<string> }
/** Nothing asked for yet. */
export const newExportProgress = (): ExportProgress => ({ asked: new Map(), finished: new Set() })

/**
 * Asks for the export of every day that has ended, once for each tenant that has records in it. Repeatable.
 *
 * @returns the tasks that somebody must do
 */
export async function exportEndedDays(
  { auditExports, clock }: { auditExports: Pick<AuditExports, 'due'>; clock: Clock },
  { asked, finished }: ExportProgress,
): Promise<ExportTask[]> {
  const now = clock.now()
  const ended = Array.from({ length: DAYS_BACK }, (_, index) => dayOf(now - REST_MS - (index + 1) * DAY_MS))
  const tasks: ExportTask[] = []
  for (const day of ended.filter((each) => !finished.has(each))) {
    const tenants = await auditExports.due(day)
    if (tenants.length === 0) finished.add(day)
    for (const task of tenants.map((tenant) => dailyExport(tenant, day))) {
      if (now - (asked.get(task.exportId) ?? Number.NEGATIVE_INFINITY) < AGAIN_AFTER_MS) continue
      asked.set(task.exportId, now)
      tasks.push(task)
    }
  }
  return tasks
}
