import { hasEnded } from '#shared/executions/execution-status.ts'
import type { Clock } from '#shared/platform/clock.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import type { ErrorCode } from '#shared/protocol/error-codes.ts'
import type { StreamEvent, Usage } from '#shared/protocol/stream-event.ts'
import { isTerminalEvent } from '#shared/protocol/terminal-events.ts'
import { followStream } from '#shared/streams/follow-stream.ts'
import type { FeedBatch } from '#shared/streams/run-feed.ts'
import type { StreamLog } from '#shared/streams/stream-log.ts'
import { StreamText } from '#shared/streams/stream-text.ts'
import type { DirectRun } from '../direct-run.ts'
import { tailSignal } from '../tail-stream.ts'
import { type ChatHead, type FinishReason, finishReasonOf } from './chat-completion.ts'
import { saidText } from './said-text.ts'

/** An execution whose answer is a chat completion. */
export type ChatRun = Omit<DirectRun, 'accepted'> & {
  head: ChatHead
  /** Ends the wait for its answer. */
  signal: AbortSignal
}

/** How the answer ended, or why it was not waited for any longer. */
export type Said =
  | { status: 'completed'; text: string; reason: FinishReason; usage: Usage | undefined }
  | { status: 'failed'; code: ErrorCode; detail: string }

/** Names the execution, so that it can be followed further. */
export const executionHeader = ({ head }: Pick<ChatRun, 'head'>): Record<string, string> => ({
  'x-sluice-execution-id': head.executionId,
})

/** A failure after the execution was accepted. Not retryable: it has made its own attempts, and another request would be another execution. */
export const errorOf = ({ code, detail }: Extract<Said, { status: 'failed' }>): SluiceError =>
  new SluiceError(code, detail, { retryable: false, expose: true })

/**
 * Waits for an answer, and passes its text on as it comes.
 *
 * @param tell - called with each new text; without it, text that another attempt takes back does no harm
 */
export async function whatIsSaid(
  { streamLog, clock }: { streamLog: StreamLog; clock: Clock },
  run: ChatRun,
  tell?: (text: string) => Promise<void>,
): Promise<Said> {
  const kept = new StreamText()
  const said = saidText()
  let usage: Usage | undefined
  /** Names of the tools whose calls wait for an approval, by call id. */
  const undecided = new Map<string, string>()
  for await (const batch of batchesOf({ streamLog, clock }, run)) {
    const news = tell && said.next(batch)
    if (tell && news === undefined) return takenBack(run, batch)
    if (news) await tell?.(news)
    for (const event of batch.events) {
      kept.apply(event)
      if (event.type === 'usage') usage = event.data
      if (event.type === 'tool_call' && event.data.approval) undecided.set(event.data.callId, event.data.toolName)
      if (event.type === 'tool_result') undecided.delete(event.data.callId)
      if (event.type === 'completed')
        return { status: 'completed', text: kept.text, reason: finishReasonOf(event.data.stopReason), usage }
      if (event.type === 'failed' || event.type === 'timed_out' || event.type === 'cancelled')
        return { status: 'failed', code: event.data.code, detail: event.data.detail }
    }
  }
  return unfinished(run, [...undecided.values()])
}

/** Everything that an execution says: first while it runs here, then from the log if it continues elsewhere. */
async function* batchesOf(
  { streamLog, clock }: { streamLog: StreamLog; clock: Clock },
  { record, ref, feed, signal }: ChatRun,
): AsyncGenerator<FeedBatch, void, undefined> {
  let last: StreamEvent | undefined
  for await (const batch of feed?.batches(signal) ?? []) {
    yield batch
    last = batch.events.at(-1) ?? last
  }
  if (last && isTerminalEvent(last)) return
  const request = { ref, after: last?.sequence ?? -1, ended: hasEnded(record.status), signal: tailSignal(signal) }
  for await (const events of followStream({ log: streamLog, clock }, request)) yield { events, preview: '' }
}

/** OpenAI's protocol cannot take back text that was sent, so the answer fails. */
function takenBack({ head }: ChatRun, { events }: FeedBatch): Said {
  const again = events.find((event) => event.type === 'retrying')
  const code = again?.type === 'retrying' ? again.data.code : 'internal'
  const detail = `the attempt failed in the middle of its words, and another one begins anew: what came so far does not hold. ${goesOn(head)}`
  return { status: 'failed', code, detail }
}

function unfinished({ head }: ChatRun, undecided: readonly string[]): Said {
  const what = undecided.length === 0 ? 'the answer takes longer' : `a person is to decide on calls of ${undecided.join(', ')}`
  return { status: 'failed', code: 'timeout', detail: `${what}, and this request waits no longer. ${goesOn(head)}` }
}

const goesOn = ({ executionId }: ChatHead): string =>
  `The execution goes on: see /v1/executions/${executionId}, or follow /streams/executions/${executionId}`
