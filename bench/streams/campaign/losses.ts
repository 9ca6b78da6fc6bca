import type { ExecutionEvent } from '#shared/protocol/stream-event.ts'
import type { View } from './user.ts'

/** What carries events to a user's pages: their socket, or the answers about one execution. */
export type Way = { host: string; executionId?: string | undefined }

export type How = 'cut' | 'silent'

/** The way to a page was lost, and since when there is one again. */
export type Loss = { at: number; how: How; open?: { on: Carrier; at: number } | undefined }

/** Virtual milliseconds. */
export type Delays = {
  /** From the moment when there was a way again to the first event that was missed; a page that missed nothing has nothing to resume. */
  resumeMs: number[]
  /** The same where every way is slow. */
  slowResumeMs: number[]
  /** From the loss, or from the event when that came later, to the next event on the page. */
  recoveryMs: number[]
  /** The same where nobody was told of the loss: a watchdog has to find out. */
  silentRecoveryMs: number[]
}

type Carrier = 'socket' | 'answer'

const carrierOf = ({ executionId }: Way): Carrier => (executionId === undefined ? 'socket' : 'answer')

/** Pages that go on, and that this way can bring something. */
const reached = (views: readonly View[], { executionId }: Way): View[] =>
  views.filter((view) => !view.ended && (executionId === undefined || view.executionId === executionId))

/** A way was lost: pages that it carried are without, and those that it should have brought back still are. */
export function lose(views: readonly View[], way: Way, how: How): void {
  const carrier = carrierOf(way)
  for (const view of reached(views, way)) {
    if (view.loss?.open?.on === carrier) view.loss.open = undefined
    else if (!view.loss && isCarriedBy(carrier, view)) view.loss = { at: Date.now(), how }
  }
}

/** A way is open: pages that are without can go on over it. */
export function reopen(views: readonly View[], way: Way, since = Date.now()): void {
  for (const { loss } of reached(views, way)) if (loss) loss.open ??= { on: carrierOf(way), at: since }
}

/** The first event behind a loss says how long the user was without. */
export function resume(
  view: View,
  event: ExecutionEvent,
  { slow, delays, appendedAt }: { slow: boolean; delays: Delays; appendedAt(sequence: number): number },
): void {
  if (!view.loss) return
  const { at, how, open } = view.loss
  const stoodAt = appendedAt(event.from ?? event.sequence)
  view.loss = undefined
  const waited = Date.now() - Math.max(at, stoodAt)
  ;(how === 'cut' ? delays.recoveryMs : delays.silentRecoveryMs).push(waited)
  if (open && stoodAt <= open.at) (slow ? delays.slowResumeMs : delays.resumeMs).push(Date.now() - open.at)
}

function isCarriedBy(carrier: Carrier, { readings }: View): boolean {
  const transport = readings.at(-1)?.stream.stats?.transport
  return transport === (carrier === 'socket' ? 'socket' : 'sse')
}
