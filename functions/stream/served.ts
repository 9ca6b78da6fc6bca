import type { MeetCaller } from './open-stream.ts'
import type { StreamAnswer } from './stream-answer.ts'
import type { StreamRecord } from './stream-record.ts'

/** A request as it is served. */
export type Served = {
  answer: StreamAnswer
  record: StreamRecord
  /** Is told of the caller. */
  meet: MeetCaller
  /** Keeps the invocation until this work is over, which an answer that has ended is no reason to stop. */
  outlive(work: Promise<unknown>): void
}
