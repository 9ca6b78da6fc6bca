/** Machine codes of log lines. A code is searched for in runbooks and asserted in tests: it is never renamed. */
export type LogCode =
  | 'request_failed'
  | 'request_refused'
  | 'request_served'
  | 'rate_limit_open'
  | 'quota_open'
  | 'message_dispatched'
  | 'conversation_turn_lost'
  | 'conversation_turn_kept'
  | 'conversation_not_summarised'
  | 'message_dead_lettered'
  | 'message_retried'
  | 'event_untold'
  | 'execution_started'
  | 'execution_ended'
  | 'execution_failed'
  | 'direct_run_failed'
  | 'execution_duplicate'
  | 'execution_retrying'
  | 'admission_failed'
  | 'execution_handed_over'
  | 'execution_suspended'
  | 'lease_lost'
  | 'sweep_done'
  | 'agent_not_reconciled'
  | 'agent_unhealthy'
  | 'change_refused'
  | 'change_retried'
  | 'change_unknown'
  | 'counts_lost'
  | 'reply_too_deep'
  | 'dead_letters_redriven'
  | 'dead_letters_discarded'
  | 'delivery_made'
  | 'delivery_retried'
  | 'delivery_failed'
  | 'audit_failed'
  | 'audit_tampered'
  | 'tenant_erasing'
  | 'tenant_erased'
  | 'tenant_erasure_failed'
  | 'model_state_lost'
  | 'breaker_opened'
  | 'agent_log'
  | 'agent_init_failed'
  | 'agent_registered'
  | 'agent_id_taken'
  | 'agent_not_registered'
  | 'tool_failed'
  | 'key_paused'
  | 'key_states_lost'
  | 'budget_warned'
  | 'budget_exceeded'

/** Structured log: a code and named fields; no payloads, no prompts, no secrets. */
export type Log = {
  info(code: LogCode, fields?: Record<string, unknown>): void
  warn(code: LogCode, fields?: Record<string, unknown>): void
  error(code: LogCode, fields?: Record<string, unknown>): void
}

/** Log that keeps its lines, for tests. */
export function memoryLog(): Log & { lines: { level: string; code: LogCode; fields: Record<string, unknown> }[] } {
  const lines: { level: string; code: LogCode; fields: Record<string, unknown> }[] = []
  const at =
    (level: string) =>
    (code: LogCode, fields: Record<string, unknown> = {}): void => {
      lines.push({ level, code, fields })
    }
  return { lines, info: at('info'), warn: at('warn'), error: at('error') }
}
