import type { ExecutionEvent } from '#shared/protocol/stream-event.ts'

/** A call of a tool, and what came of it. */
export interface ToolStep {
  readonly kind: 'tool'
  readonly sequence: number
  readonly callId: string
  readonly toolName: string
  readonly arguments: unknown
  /** A person decides on it first. */
  readonly approval?: { approvalId: string; expiresAt: string }
  readonly result?: { sequence: number; value: unknown; isError: boolean }
}

/** What an agent said it was at, or could not do as it was asked. */
export interface NoteStep {
  readonly kind: 'note'
  readonly sequence: number
  readonly status: string
  readonly text: string
  /** Percent. */
  readonly progress?: number
}

/** What an agent did besides talking. */
export type Step = ToolStep | NoteStep

/** Adds what an event says; a new attempt takes back what was done behind the cursor that it goes on from. */
export function withEvent(steps: readonly Step[], event: ExecutionEvent): readonly Step[] {
  switch (event.type) {
    case 'tool_call': {
      const { callId, toolName, arguments: given, approval } = event.data
      const step = {
        kind: 'tool',
        sequence: event.sequence,
        callId,
        toolName,
        arguments: given,
        ...(approval && { approval }),
      } as const
      return steps.some((known) => isCall(known, callId))
        ? steps.map((known) => (isCall(known, callId) ? step : known))
        : [...steps, step]
    }
    case 'tool_result': {
      const { callId, result: value, isError = false } = event.data
      const result = { sequence: event.sequence, value, isError }
      return steps.map((step) => (isCall(step, callId) ? { ...step, result } : step))
    }
    case 'thinking': {
      const { status, text, progress } = event.data
      if (status === undefined) return steps
      return [...steps, { kind: 'note', sequence: event.sequence, status, text, ...(progress !== undefined && { progress }) }]
    }
    case 'retrying':
      return cutAfter(steps, event.data.resumeFrom)
    default:
      return steps
  }
}

const isCall = (step: Step, callId: string): step is ToolStep => step.kind === 'tool' && step.callId === callId

const cutAfter = (steps: readonly Step[], resumeFrom: number): readonly Step[] =>
  steps.filter(({ sequence }) => sequence <= resumeFrom).map((step) => withoutLateResult(step, resumeFrom))

function withoutLateResult(step: Step, resumeFrom: number): Step {
  if (step.kind !== 'tool' || step.result === undefined || step.result.sequence <= resumeFrom) return step
  const { result: _, ...call } = step
  return call
}
