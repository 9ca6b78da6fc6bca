import type { ExecutionEvent, StreamEvent } from '#shared/protocol/stream-event.ts'
import type { ConnectionPoster } from './connection-poster.ts'
import { responseFrame } from './event-frames.ts'
import { postPatiently } from './post-patiently.ts'
import type { OutcomeReader } from './stream-outcome.ts'
import type { Subscription } from './subscription-store.ts'

/** Sends what a subscription may be owed once the terminal event was posted: the answer to its request, or the end of its operation. */
export async function answerRequest(
  poster: ConnectionPoster,
  subscription: Subscription,
  terminal: StreamEvent,
  outcome: OutcomeReader,
  signal: AbortSignal,
): Promise<void> {
  const frame = await closingFrame(subscription, terminal, outcome)
  if (frame !== undefined) await postPatiently(poster, subscription.connectionId, frame, { signal })
}

async function closingFrame(
  { view, answer }: Subscription,
  terminal: StreamEvent,
  outcome: OutcomeReader,
): Promise<string | undefined> {
  if (view?.kind === 'graphql') return JSON.stringify({ id: view.id, type: 'complete' })
  return answer && responseFrame(terminal as ExecutionEvent, answer.responseTo, (await outcome()).text)
}
