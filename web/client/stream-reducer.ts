import type { Failure } from '#shared/protocol/problem.ts'
import type { ExecutionEvent, Usage } from '#shared/protocol/stream-event.ts'
import type { TerminalEventType } from '#shared/protocol/terminal-events.ts'

/** Lengths of the texts once the event with this sequence was applied: where `retrying` cuts. `from` is set for a packed event. */
export type TextMark = readonly [sequence: number, textLength: number, thinkingLength: number, from?: number]

/** What the events of one execution up to {@link cursor} say. Plain data: it can be stored as JSON and continued later. */
export interface ExecutionState {
  /** Sequence of the last event applied; -1 before the first. */
  readonly cursor: number
  readonly status: 'queued' | 'running' | 'retrying' | TerminalEventType
  /** The answer as far as it is kept. */
  readonly text: string
  readonly thinking: string
  readonly marks: readonly TextMark[]
  /** A `retrying` cut inside a packed event: the texts lack a part, and the events must be read again one by one. */
  readonly torn?: true
  readonly model?: { provider: string; model: string }
  readonly usage?: Usage
  /** While `status` is `retrying`: why, which attempt begins, and after which pause (milliseconds). */
  readonly retry?: (Failure & { attempt: number; delayMs: number }) | undefined
  /** Why it ended, unless it `completed`. */
  readonly error?: Failure
  /** What the terminal event promises about the whole stream. */
  readonly proof?: { events: number; sha256: string }
}

export const INITIAL_STATE: ExecutionState = { cursor: -1, status: 'queued', text: '', thinking: '', marks: [] }

/** Applies the next event; events must come in order and once (see `sequencer.ts`). Unknown types only move the cursor. */
export function applyEvent(state: ExecutionState, event: ExecutionEvent): ExecutionState {
  const next: ExecutionState = { ...state, cursor: event.sequence, status: 'running', retry: undefined }
  switch (event.type) {
    case 'started':
      return { ...next, model: { provider: event.data.provider, model: event.data.model } }
    case 'content_chunk':
      return marked({ ...next, text: state.text + event.data.text }, event.from)
    case 'thinking':
      return marked({ ...next, thinking: state.thinking + event.data.text }, event.from)
    case 'usage':
      return { ...next, usage: event.data }
    case 'retrying':
      return { ...cutAfter(next, event.data.resumeFrom), status: 'retrying', retry: event.data }
    case 'completed':
      return { ...next, status: event.type, proof: proofOf(event.data) }
    case 'failed':
    case 'timed_out':
    case 'cancelled':
      return {
        ...next,
        status: event.type,
        error: errorOf(event.data),
        proof: proofOf(event.data),
      }
    default:
      return { ...state, cursor: next.cursor }
  }
}

function errorOf({ code, detail, provider }: Failure): Failure {
  return provider ? { code, detail, provider } : { code, detail }
}

function proofOf({ events, sha256 }: { events: number; sha256: string }): { events: number; sha256: string } {
  return { events, sha256 }
}

function marked(state: ExecutionState, from: number | undefined): ExecutionState {
  const lengths = [state.cursor, state.text.length, state.thinking.length] as const
  return { ...state, marks: [...state.marks, from === undefined ? lengths : [...lengths, from]] }
}

/** The text of every event with a sequence greater than `resumeFrom` is dropped (protocol, "Streams and cursors", rule 3). */
function cutAfter(state: ExecutionState, resumeFrom: number): ExecutionState {
  const marks = state.marks.filter(([sequence]) => sequence <= resumeFrom)
  const [, textLength, thinkingLength] = marks.at(-1) ?? [-1, 0, 0]
  const [, , , from = Number.POSITIVE_INFINITY] = state.marks[marks.length] ?? []
  const cut = { ...state, marks, text: state.text.slice(0, textLength), thinking: state.thinking.slice(0, thinkingLength) }
  return from <= resumeFrom ? { ...cut, torn: true } : cut
}
