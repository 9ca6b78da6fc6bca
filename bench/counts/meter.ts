import { addUnits, costOf, type Units } from '../prices.ts'

/** All calls of one operation. */
export type Tally = { calls: number; units: Units }

/** Calls by service and operation. */
export type Calls = Record<string, Record<string, Tally>>

/** Where instrumented clients, and the rules for what AWS calls by itself, write down each call. */
export type Meter = {
  record(service: string, operation: string, units: Units): void
  calls(): Calls
}

export function createMeter(): Meter {
  const calls: Calls = {}
  return {
    record(service, operation, units) {
      const operations = calls[service] ?? {}
      const tally = operations[operation] ?? { calls: 0, units: {} }
      calls[service] = { ...operations, [operation]: { calls: tally.calls + 1, units: addUnits(tally.units, units) } }
    },
    calls: () => structuredClone(calls),
  }
}

/** All units of the calls. */
export function unitsOf(calls: Calls): Units {
  return Object.values(calls)
    .flatMap((operations) => Object.values(operations))
    .reduce<Units>((sum, { units }) => addUnits(sum, units), {})
}

/** Price of the calls, in US dollars. */
export const costOfCalls = (calls: Calls): number => costOf(unitsOf(calls))
