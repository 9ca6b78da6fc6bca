import type { AgentKey, Gate } from '#shared/agents/gate.ts'
import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import { hasEnded } from '#shared/executions/execution-status.ts'
import type { Agent } from '#shared/protocol/agent.ts'

/** An execution before and after a write; `before` is absent when it is new. */
export type ExecutionChange = { kind: 'execution'; at: string; before?: ExecutionRecord | undefined; after: ExecutionRecord }

/** An agent before and after a write; `before` is absent when it is new, `after` when it was removed. */
export type AgentChange = {
  kind: 'agent'
  tenant: string
  at: string
  before?: Agent | undefined
  after?: Agent | undefined
}

/** A gate as it stands after a write. */
export type GateChange = { kind: 'gate'; agent: AgentKey; gate: Gate }

/** A write to a table that something follows from. `at` is its time, RFC 3339, to the second. */
export type Change = ExecutionChange | AgentChange | GateChange

/** Whether the execution has ended by this very write. */
export const endsBy = ({ before, after }: ExecutionChange): boolean =>
  hasEnded(after.status) && !(before && hasEnded(before.status))
