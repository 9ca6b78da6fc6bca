import { addFigures, type LatencyHour, type LatencyStore } from './latency-store.ts'

/** Latencies in memory, for tests. */
export function memoryLatencyStore(): LatencyStore {
  const stored = new Map<string, { tenant: string; hour: LatencyHour }>()
  return {
    async add(tenant, hours) {
      for (const { key, hour, figures } of hours) {
        const name = JSON.stringify([tenant, hour, key.provider, key.service, key.model])
        const before = stored.get(name)?.hour.figures
        stored.set(name, { tenant, hour: { key, hour, figures: before ? addFigures(before, figures) : figures } })
      }
    },
    list: async (tenant, from) =>
      [...stored.values()]
        .filter((entry) => entry.tenant === tenant && entry.hour.hour >= from)
        .map(({ hour }) => hour)
        .sort((one, other) => one.hour - other.hour),
  }
}
