import { DAY_MS, HOUR_MS } from '#shared/platform/clock.ts'
import type { Counters } from './counters.ts'

/** Lengths of time that are counted apart. */
export const STEPS = ['hour', 'day'] as const
export type Step = (typeof STEPS)[number]

/** What happened at a model. */
export type ModelCount = { provider: string; model: string; counters: Counters }

/** What was done for somebody. */
export type SourceCount = { source: string; counters: Counters }

/** Something that happened at an agent, at the models that it asked, and for whom. */
export type Count = {
  tenant: string
  agentId: string
  at: number
  counters: Counters
  models?: readonly ModelCount[]
  source?: SourceCount | undefined
}

/** What was counted in one hour or day; `start` is its beginning, in milliseconds since the epoch. */
export type Point = { start: number; counters: Counters }

/** A day of one agent. */
export type AgentDay = Point & { agentId: string }

/** A day of one model. */
export type ModelDay = Point & { provider: string; model: string }

/** A day of one of those who asked. */
export type SourceDay = Point & { source: string }

/** From `from` to before `to`, in milliseconds since the epoch; every hour or day that begins within is meant. */
export type TimeRange = { from: number; to: number }

/**
 * Counters, kept as they are counted: nothing is ever scanned. Hours and days are kept for {@link KEPT_DAYS}, those of whoever asked for
 * {@link SOURCES_KEPT_DAYS}, totals for ever.
 *
 * About exact: a count that is given twice counts twice, and so may one whose answer was lost. Points without anything are left out.
 */
export type CounterStore = {
  /** Adds up what belongs together first: one write for each hour, day or total that it touches. */
  add(counts: readonly Count[]): Promise<void>
  /** Adds requests of a tenant to its totals. */
  addRequests(tenant: string, counters: Counters): Promise<void>
  hoursOfAgent(agent: { tenant: string; agentId: string }, range: TimeRange): Promise<Point[]>
  daysOfAgent(agent: { tenant: string; agentId: string }, range: TimeRange): Promise<Point[]>
  /** Of all agents of the tenant together. */
  hours(tenant: string, range: TimeRange): Promise<Point[]>
  /** Each agent by itself, also those that are gone. */
  days(tenant: string, range: TimeRange): Promise<AgentDay[]>
  /** Each model that the tenant's agents asked, by itself. */
  modelDays(tenant: string, range: TimeRange): Promise<ModelDay[]>
  /**
   * Each of those who asked, by itself. Names that are longer than a key takes are cut.
   *
   * @throws SluiceError `payload_too_large` when they were more than {@link MAX_SOURCE_DAYS} together: ask for fewer days
   */
  sourceDays(tenant: string, range: TimeRange): Promise<SourceDay[]>
  /** All that a tenant's agents ever did. */
  totals(tenant: string): Promise<Counters>
  /** All requests that a tenant ever made. */
  requests(tenant: string): Promise<Counters>
  /** All that the agents of all tenants ever did. */
  stageTotals(): Promise<Counters>
}

/** How long hours and days are kept. */
export const KEPT_DAYS = 400
/** Of those who ask there is no end: a usage looks back a month. */
export const SOURCES_KEPT_DAYS = 35
/** Most days of sources that are read at once. */
export const MAX_SOURCE_DAYS = 20_000

const STEP_MS = { hour: HOUR_MS, day: DAY_MS } as const

/** Beginning of the hour or day, in UTC. */
export const startOf = (step: Step, at: number): number => Math.floor(at / STEP_MS[step]) * STEP_MS[step]

/** Beginnings of all hours or days that begin within the range. */
export function startsWithin(step: Step, { from, to }: TimeRange): number[] {
  const first = Math.ceil(from / STEP_MS[step])
  const count = Math.max(0, Math.ceil(to / STEP_MS[step]) - first)
  return Array.from({ length: count }, (_, index) => (first + index) * STEP_MS[step])
}
