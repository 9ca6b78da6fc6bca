import type { ChannelSender } from '#shared/streams/channel-sender.ts'
import type { StreamWriter } from '#shared/streams/stream-writer.ts'
import type { ExecutionRecord } from './execution-record.ts'
import type { LeaseKeeper } from './lease-keeper.ts'

/** An execution that this worker runs: its lease, and the writer of its stream with the sender behind it. */
export type Run = {
  record: ExecutionRecord
  /** Number of the try that is under way. */
  attempt: number
  writer: StreamWriter
  sender: ChannelSender
  lease: LeaseKeeper
}

/** What log lines say of a run. */
export const runFields = ({ record: { tenant, executionId }, attempt }: Run) => ({ tenant, executionId, attempt })
