import type { AgentMetrics, ExecutionFigures, Times, Usage } from '#shared/protocol/metrics.ts'
import type { QueueList } from '#shared/protocol/queue.ts'
import { formatTable } from './table.ts'

const percent = (share: number | null): string => (share === null ? '-' : `${(share * 100).toFixed(1)} %`)
const seconds = (value: number | null): string => (value === null ? '-' : `${value.toFixed(2)} s`)

/** Below so many millionths of a dollar four digits would round too much away. */
const SMALL_MICRO_USD = 1_000

/** Millionths of a dollar, to four digits: single calls cost less than a cent. What is smaller still keeps all its digits. */
export const dollars = (microUsd: number): string =>
  `$${(microUsd / 1_000_000).toFixed(microUsd > 0 && microUsd < SMALL_MICRO_USD ? 6 : 4)}`

/** In the place of a cost that nobody knows. */
const NO_PRICE = '–'

/** One line for each day, agent, model or source, and one for all of them. */
export function usageTable({ by, items, totals }: Usage): string {
  const row = (name: string, { executions, inputTokens, outputTokens, costMicroUsd, priced }: Usage['totals']) => [
    name,
    ...[executions, inputTokens, outputTokens].map(String),
    priced ? dollars(costMicroUsd) : NO_PRICE,
  ]
  return formatTable([
    [by.toUpperCase(), 'EXECUTIONS', 'INPUT TOKENS', 'OUTPUT TOKENS', 'COST'],
    ...items.map((item) => row(item.day ?? item.agentId ?? item.source ?? `${item.provider}/${item.model}`, item)),
    row('total', totals),
  ])
}

/** One line for each hour or day in which something happened, and one for all of them. */
export function metricsTable({ series, totals }: AgentMetrics): string {
  const row = (name: string, point: ExecutionFigures & { durationSeconds: Times }) => [
    name,
    String(point.executions.started),
    String(point.executions.completed),
    String(point.executions.failed + point.executions.timedOut),
    percent(point.successRate),
    seconds(point.durationSeconds.mean),
    seconds(point.durationSeconds.p95),
  ]
  return formatTable([
    ['TIME', 'STARTED', 'COMPLETED', 'FAILED', 'SUCCESS', 'MEAN', 'P95 (ABOUT)'],
    ...series.map((point) => row(point.time, point)),
    row('total', totals),
  ])
}

/** Queues, one a line. */
export const queueTable = ({ queues }: QueueList): string =>
  formatTable([
    ['QUEUE', 'WAITING', 'IN FLIGHT', 'DELAYED'],
    ...queues.map(({ name, visible, inFlight, delayed }) => [name, ...[visible, inFlight, delayed].map(String)]),
  ])
