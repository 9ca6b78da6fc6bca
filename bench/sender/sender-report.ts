import { table } from '../report/table.ts'
import type { SenderRow } from './measure-sender.ts'

/** The rows for people. */
export function senderReport(rows: SenderRow[]): string {
  return table([
    ['sender of a reply of 1,000 tokens in 10 s', 'posts', 'delay p50, ms', 'p99', 'processor, ms', 'memory, MB', 'drain, ms'],
    ...rows.map(({ viewers, posts, delayMs, cpuMs, memoryMb, drainMs }) => [
      `${viewers} ${viewers === 1 ? 'viewer' : 'viewers'}`,
      ...[posts, delayMs.p50, delayMs.p99, cpuMs, memoryMb, drainMs].map(String),
    ]),
  ])
}
