import {
  agentDays,
  agentDayText,
  agentHours,
  type CounterRow,
  dayText,
  executionTotals,
  hourText,
  modelDays,
  modelOfText,
  requestTotals,
  rowsOf,
  STAGE_TOTALS,
  sourceDays,
  tenantHours,
} from './counter-rows.ts'
import { type CounterStore, type Point, startsWithin, type TimeRange } from './counter-store.ts'
import { addCounters, type Counters } from './counters.ts'

/** Counters in memory, under the keys of the table. */
export function memoryCounterStore(): CounterStore {
  const partitions = new Map<string, Map<string, Counters>>()
  function write({ key: { pk, sk }, counters }: CounterRow): void {
    const partition = partitions.get(pk) ?? new Map<string, Counters>()
    partitions.set(pk, partition.set(sk, addCounters(partition.get(sk) ?? {}, counters)))
  }
  const read = ({ pk, sk }: CounterRow['key']): Counters => partitions.get(pk)?.get(sk) ?? {}
  const points = (pk: string, starts: number[], sortKeyOf: (start: number) => string): Point[] =>
    starts.map((start) => ({ start, counters: read({ pk, sk: sortKeyOf(start) }) })).filter(hasAny)
  /** In the order of time, and then of names. */
  function days(pk: string, range: TimeRange): (Point & { name: string })[] {
    const all = [...(partitions.get(pk) ?? [])].toSorted()
    return startsWithin('day', range).flatMap((start) => {
      const prefix = `${dayText(start)}#`
      return all.flatMap(([sk, counters]) => (sk.startsWith(prefix) ? [{ start, name: sk.slice(prefix.length), counters }] : []))
    })
  }

  return {
    async add(counts) {
      rowsOf(counts).forEach(write)
    },
    async addRequests(tenant, counters) {
      write({ key: requestTotals(tenant), counters })
    },
    async hoursOfAgent({ tenant, agentId }, range) {
      return points(agentHours(tenant, agentId), startsWithin('hour', range), hourText)
    },
    async daysOfAgent({ tenant, agentId }, range) {
      return points(agentDays(tenant), startsWithin('day', range), (start) => agentDayText(start, agentId))
    },
    async hours(tenant, range) {
      return points(tenantHours(tenant), startsWithin('hour', range), hourText)
    },
    async days(tenant, range) {
      return days(agentDays(tenant), range).map(({ name, ...day }) => ({ agentId: name, ...day }))
    },
    async modelDays(tenant, range) {
      return days(modelDays(tenant), range).map(({ name, ...day }) => ({ ...modelOfText(name), ...day }))
    },
    async sourceDays(tenant, range) {
      return days(sourceDays(tenant), range).map(({ name, ...day }) => ({ source: name, ...day }))
    },
    async totals(tenant) {
      return read(executionTotals(tenant))
    },
    async requests(tenant) {
      return read(requestTotals(tenant))
    },
    async stageTotals() {
      return read(STAGE_TOTALS)
    },
  }
}

const hasAny = ({ counters }: Point): boolean => Object.keys(counters).length > 0
