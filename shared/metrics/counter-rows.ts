import { type Count, type ModelCount, SOURCES_KEPT_DAYS, startOf } from './counter-store.ts'
import { addCounters, type Counters } from './counters.ts'

type Key = { pk: string; sk: string }

/**
 * One line of figures: an hour, a day or a total. `start` is when its time begins; totals have none, and are kept. `keptDays` where it is not the usual time,
 * `isWhole` where so little is counted in it that it need not be spread.
 */
export type CounterRow = { key: Key; counters: Counters; start?: number; keptDays?: number; isWhole?: boolean }

/** `2026-11-21T09` and `2026-11-21`: they sort as time goes. */
export const hourText = (start: number): string => new Date(start).toISOString().slice(0, 13)
export const dayText = (start: number): string => new Date(start).toISOString().slice(0, 10)

/** Keys; the tenant stands in every one that belongs to a tenant. */
export const agentHours = (tenant: string, agentId: string): string => `T#${tenant}#METRICS#${agentId}`
export const tenantHours = (tenant: string): string => `T#${tenant}#METRICS`
/** Days of all agents: usage is asked for by day, and one agent's days can be named. */
export const agentDays = (tenant: string): string => `T#${tenant}#USAGE`
export const agentDayText = (start: number, agentId: string): string => `${dayText(start)}#${agentId}`
/** Days of all models that a tenant's agents asked. */
export const modelDays = (tenant: string): string => `T#${tenant}#MODELUSAGE`
export const modelDayText = (start: number, { provider, model }: Omit<ModelCount, 'counters'>): string =>
  `${dayText(start)}#${provider}/${model}`
/** A model as its row names it: no provider has a slash in its name. */
export function modelOfText(text: string): Omit<ModelCount, 'counters'> {
  const slash = text.indexOf('/')
  return { provider: text.slice(0, slash), model: text.slice(slash + 1) }
}
/** Days of all who asked. */
export const sourceDays = (tenant: string): string => `T#${tenant}#SOURCEUSAGE`
export const sourceDayText = (start: number, source: string): string => `${dayText(start)}#${keyText(source)}`
/** A sort key has 1,024 bytes: a day, a name, a part. Longer names that begin alike are counted as one. */
const MAX_NAME_BYTES = 900
const keyText = (name: string): string => new TextDecoder().decode(Buffer.from(name).subarray(0, MAX_NAME_BYTES))
export const executionTotals = (tenant: string): Key => ({ pk: `T#${tenant}#TOTALS`, sk: 'EXECUTIONS' })
export const requestTotals = (tenant: string): Key => ({ pk: `T#${tenant}#TOTALS`, sk: 'REQUESTS' })
export const STAGE_TOTALS: Key = { pk: 'TOTALS', sk: 'EXECUTIONS' }

/** The rows that these counts change, each once. */
export function rowsOf(counts: readonly Count[]): CounterRow[] {
  const rows = new Map<string, CounterRow>()
  for (const row of counts.flatMap(rowsOfCount)) {
    const id = JSON.stringify([row.key.pk, row.key.sk])
    rows.set(id, { ...row, counters: addCounters(rows.get(id)?.counters ?? {}, row.counters) })
  }
  return [...rows.values()]
}

function rowsOfCount({ tenant, agentId, at, counters, models = [], source }: Count): CounterRow[] {
  const [hour, day] = [startOf('hour', at), startOf('day', at)]
  return [
    { key: { pk: agentHours(tenant, agentId), sk: hourText(hour) }, counters, start: hour },
    { key: { pk: tenantHours(tenant), sk: hourText(hour) }, counters, start: hour },
    { key: { pk: agentDays(tenant), sk: agentDayText(day, agentId) }, counters, start: day },
    ...models.map((model) => ({
      key: { pk: modelDays(tenant), sk: modelDayText(day, model) },
      counters: model.counters,
      start: day,
    })),
    ...(source ? [sourceRow(tenant, day, source)] : []),
    { key: executionTotals(tenant), counters },
    { key: STAGE_TOTALS, counters },
  ]
}

const sourceRow = (tenant: string, day: number, { source, counters }: NonNullable<Count['source']>): CounterRow => ({
  key: { pk: sourceDays(tenant), sk: sourceDayText(day, source) },
  counters,
  start: day,
  keptDays: SOURCES_KEPT_DAYS,
  isWhole: true,
})
