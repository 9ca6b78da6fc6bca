/** What the simulation can do to the system. */
export const FAULT_KINDS = [
  'delivery_duplicated',
  'delivery_delayed',
  'delivery_reordered',
  'delivery_dropped',
  'worker_killed_in_mid_stream',
  'worker_killed_between_log_and_post',
  'worker_killed_before_the_end',
  'worker_killed_after_the_end',
  'worker_killed_while_suspending',
  'dispatch_killed',
  'writer_frozen',
  'invocation_short',
  'database_throttled',
  'database_answer_lost',
  'queue_failed',
  'post_429',
  'post_500',
  'post_410',
  'model_failed',
  'clock_skewed',
  'poison_message',
  'agent_paused',
  'agent_stopped',
  'agent_deleted',
  'execution_cancelled',
  'execution_reprioritised',
  'approval_decided',
  'turn_passed_on',
  'decider_killed',
] as const

export type FaultKind = (typeof FAULT_KINDS)[number]

/** Counts what was injected. */
export type FaultLog = { counts: Record<FaultKind, number>; add(kind: FaultKind): void }

export function faultLog(): FaultLog {
  const counts = Object.fromEntries(FAULT_KINDS.map((kind) => [kind, 0])) as Record<FaultKind, number>
  return {
    counts,
    add(kind) {
      counts[kind] += 1
    },
  }
}
