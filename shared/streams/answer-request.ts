import type { ExecutionEvent, StreamEvent } from '#shared/protocol/stream-event.ts'
import type { ConnectionPoster } from './connection-poster.ts'
import { responseFrame } from './event-frames.ts'
import { postPatiently } from './post-patiently.ts'
import type { Subscription } from './subscription-store.ts'

/** Sends the `agent_response` that a subscription may be owed once the terminal event was posted. */
export async function answerRequest(
  poster: ConnectionPoster,
  subscription: Subscription,
  terminal: StreamEvent,
  text: string,
  signal: AbortSignal,
): Promise<void> {
  if (!subscription.answer) return
  const frame = responseFrame(terminal as ExecutionEvent, subscription.answer.responseTo, text)
  await postPatiently(poster, subscription.connectionId, frame, { signal })
}
