/** The last event of an execution's stream is one of these; exactly one stands in every stream. */
export const TERMINAL_EVENT_TYPES = ['completed', 'failed', 'timed_out', 'cancelled'] as const

export type TerminalEventType = (typeof TERMINAL_EVENT_TYPES)[number]

export function isTerminalEvent(event: { type: string }): boolean {
  return (TERMINAL_EVENT_TYPES as readonly string[]).includes(event.type)
}
