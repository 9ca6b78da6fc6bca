import type { Log } from '#shared/platform/log.ts'
import type { AgentLogger } from './agent-context.ts'

/** A log for an agent's own words. @param fields - stand beside each line, over what the agent says */
export function agentLogger(log: Log, fields: Record<string, unknown>): AgentLogger {
  const at =
    (level: 'info' | 'warn' | 'error') =>
    (text: string, more: Record<string, unknown> = {}): void =>
      log[level]('agent_log', { ...more, text, ...fields })
  return { info: at('info'), warn: at('warn'), error: at('error') }
}
