import type { BenchResult } from '../bench-result.ts'
import { BUDGETS } from '../budgets.ts'
import { REPLY } from '../counts/counted.ts'
import { type Calls, costOfCalls } from '../counts/meter.ts'
import type { FirstFrameParts } from '../delays/first-frame-sample.ts'
import type { Summary } from '../delays/statistics.ts'
import { costOf, PRICED_REGION, PRICES } from '../prices.ts'
import { table } from './table.ts'

/** The result for people. */
export function report(result: BenchResult): string {
  return [machine(result), ...calls(result), ...delays(result), budgets(result), ''].join('\n\n')
}

function machine({ machine: { cpu, cores, memoryGb, system, node, emulator } }: BenchResult): string {
  return `Machine: ${cpu}, ${cores} cores, ${memoryGb} GB, ${system}, Node ${node}, ${emulator}`
}

const usd = (amount: number): string => `$${amount.toFixed(9)}`

function calls({ viewers, topicDoor, direct }: BenchResult): string[] {
  if (!viewers || !topicDoor || !direct) return []
  const latest = Object.values(PRICES)
    .map(({ date }) => date)
    .sort()
  const title = `Calls of a reply of ${REPLY.tokens} tokens in ${REPLY.tokens / REPLY.tokensPerSecond} s (prices: ${PRICED_REGION}, on demand, lists of ${latest[0]} to ${latest.at(-1)})`
  const replies = Object.entries(viewers).map(([count, reply]) => {
    const what = `${count} ${count === '1' ? 'viewer' : 'viewers'}: ${reply.postsPerReply} posts, ${usd(reply.costPerReplyUsd)}`
    return `${what}\n${table(callRows(reply.callsPerExecution))}`
  })
  const topic = `a message by a topic adds ${usd(costOfCalls(topicDoor.calls))}, up to the work queue\n${table(callRows(topicDoor.calls))}`
  const alone = `a direct run: ${direct.postsPerReply} posts, ${usd(direct.costPerReplyUsd)}\n${table(callRows(direct.callsPerExecution))}`
  return [title, ...replies, alone, topic]
}

function callRows(byService: Calls): string[][] {
  const rows = Object.entries(byService).flatMap(([service, operations]) =>
    Object.entries(operations).map(([operation, { calls, units }]) => ({
      service,
      operation,
      calls,
      units,
      cost: costOf(units),
    })),
  )
  return [
    ['call', 'calls', 'units', 'price'],
    ...rows
      .toSorted((a, b) => b.cost - a.cost)
      .map(({ service, operation, calls, units, cost }) => {
        const billed = Object.values(units).reduce((most, count) => Math.max(most, count), 0)
        return [`${service} ${operation}`, String(calls), String(billed), usd(cost)]
      }),
  ]
}

function delays(result: BenchResult): string[] {
  const { firstFrameMs, coldFirstFrameMs, instantModelFirstFrameMs, barePathMs, coldBarePathMs } = result
  if (!firstFrameMs || !coldFirstFrameMs || !instantModelFirstFrameMs || !barePathMs || !coldBarePathMs) return []
  const row = (what: string, { p50, p99, samples }: Summary) => [what, p50.toFixed(1), p99.toFixed(1), String(samples)]
  const rows = [
    ['from the accepted request to the first frame, ms', 'p50', 'p99', 'samples'],
    row('warm, without the model', firstFrameMs),
    row('cold, without the model', coldFirstFrameMs),
    row('warm, a model that answers at once', instantModelFirstFrameMs),
    row('bare path, warm', barePathMs),
    row('bare path, cold', coldBarePathMs),
  ]
  return [table(rows), parts(result)]
}

function parts({ firstFrameParts, coldFirstFrameParts }: BenchResult): string {
  const names: (keyof FirstFrameParts)[] = ['door', 'queue', 'start', 'model', 'log', 'post']
  const cells = (of: FirstFrameParts | undefined) => names.map((name) => of?.[name].toFixed(1) ?? '')
  return table([
    ['parts, p50, ms', ...names],
    ['warm', ...cells(firstFrameParts)],
    ['cold', ...cells(coldFirstFrameParts)],
  ])
}

function budgets(result: BenchResult): string {
  const rows = BUDGETS.map(({ what, max, show, measured }) => {
    const value = measured(result)
    if (value === undefined) return [what, show(max), '–', 'not measured']
    return [what, show(max), show(value), value <= max ? 'met' : `exceeded by ${show(value - max)}`]
  })
  return table([['budget', 'at most', 'measured', ''], ...rows])
}
