import type { AgentKey } from '#shared/agents/gate.ts'
import type { AdmissionStore } from '#shared/executions/admission-store.ts'
import { hasEnded } from '#shared/executions/execution-status.ts'
import type { ExecutionKey, ExecutionStore } from '#shared/executions/execution-store.ts'
import type { StreamEvent } from '#shared/protocol/stream-event.ts'
import { isTerminalEvent } from '#shared/protocol/terminal-events.ts'
import { executionRef } from '#shared/streams/channel-ref.ts'
import type { StreamLog } from '#shared/streams/stream-log.ts'
import { StreamText } from '#shared/streams/stream-text.ts'
import { sha256 } from '../../helpers/execution-events.ts'
import { MARATHON, PASSING } from './agents.ts'
import type { Deeds } from './careful-code.ts'
import { MARATHON_TEXT } from './marathon.ts'
import type { Viewer } from './viewer.ts'

/** What was found when everything had come to rest. Every list is empty when the promises hold. */
export type Verdict = {
  /** Accepted work without an execution that ended, or whose stream has no whole end. */
  lost: string[]
  /** Executions that ended twice, events that stand twice, viewers that saw a gap or two endings. */
  duplicated: string[]
  /** What still waits, runs, or holds a slot. */
  stuck: string[]
}

export type Evidence = {
  executions: ExecutionStore
  admission: AdmissionStore
  log: StreamLog
  accepted: ExecutionKey[]
  deeds: Map<string, Deeds>
  agents: AgentKey[]
  viewers: Viewer[]
}

/** Looks at everything that was accepted, at every stream, every gate and every viewer. */
export async function judge(evidence: Evidence): Promise<Verdict> {
  const verdict: Verdict = { lost: [], duplicated: [], stuck: [] }
  for (const key of evidence.accepted) await judgeExecution(evidence, key, verdict)
  for (const agent of evidence.agents) await judgeGate(evidence, agent, verdict)
  for (const viewer of evidence.viewers) await judgeViewer(evidence, viewer, verdict)
  return verdict
}

async function judgeExecution({ executions, log, deeds }: Evidence, key: ExecutionKey, verdict: Verdict): Promise<void> {
  const record = await executions.get(key)
  if (!record) return void verdict.lost.push(`${key.executionId}: accepted, and there is no execution`)
  if (!hasEnded(record.status)) {
    const { status, attempt, place, retryAt, leaseExpiresAt } = record
    return void verdict.stuck.push(`${key.executionId}: ${JSON.stringify({ status, attempt, place, retryAt, leaseExpiresAt })}`)
  }
  if (record.error?.code === 'not_found' && record.agentId !== PASSING.agentId)
    verdict.lost.push(`${key.executionId}: refused, though its agent is there`)
  if (record.agentId === MARATHON.agentId && record.status === 'completed' && record.output?.text !== MARATHON_TEXT)
    verdict.duplicated.push(`${key.executionId}: steps were done twice or left out: ${record.output?.text}`)
  if (record.suspended) verdict.stuck.push(`${key.executionId}: ended, and waits`)
  const { approved = [], made = [] } = deeds.get(key.executionId) ?? {}
  if (new Set(made).size < made.length) verdict.duplicated.push(`${key.executionId}: made ${made.join(', ')}`)
  if (made.some((call) => !approved.includes(call))) verdict.lost.push(`${key.executionId}: made what nobody approved`)
  const events = await log.read(executionRef(key), -1, 10_000)
  const terminals = events.filter(isTerminalEvent)
  if (terminals.length > 1) verdict.duplicated.push(`${key.executionId}: ${terminals.length} terminal events`)
  if (terminals.length === 0) verdict.lost.push(`${key.executionId}: ${record.status} without a terminal event`)
  const problem = proofProblem(events)
  if (problem) verdict.lost.push(`${key.executionId}: ${problem}`)
  const said = terminals[0]?.type
  const expected = record.status === 'expired' ? 'failed' : record.status
  if (said !== undefined && said !== expected)
    verdict.lost.push(`${key.executionId}: the record says ${expected}, the stream ${said}`)
}

/** Whole and in order, the last event proves it, and the text is the one it speaks of. */
function proofProblem(events: StreamEvent[]): string | undefined {
  const wrong = events.find((event, index) => event.sequence !== index)
  if (wrong) return `event ${wrong.sequence} stands at another place`
  const last = events.at(-1)
  if (!last || !isTerminalEvent(last)) return 'the stream does not end with a terminal event'
  if (!('sha256' in last.data)) return 'the last event proves nothing'
  if (last.data.events !== events.length) return `the stream has ${events.length} events, its end says ${last.data.events}`
  const text = new StreamText()
  for (const event of events) text.apply(event)
  return last.data.sha256 === sha256(text.text) ? undefined : 'the text is not the one that the end speaks of'
}

async function judgeGate({ admission }: Evidence, agent: AgentKey, verdict: Verdict): Promise<void> {
  const gate = await admission.gate(agent)
  const waiting = await admission.listWaiting(agent, 1_000)
  if (gate?.active.length) verdict.stuck.push(`${agent.agentId}: slots of ${gate.active.join(', ')}`)
  if (gate && gate.waiting !== waiting.length)
    verdict.stuck.push(`${agent.agentId}: the gate counts ${gate.waiting} who wait, ${waiting.length} do`)
  if (waiting.length > 0) verdict.stuck.push(`${agent.agentId}: ${waiting.length} wait`)
}

async function judgeViewer({ log }: Evidence, { ref, events, gaps }: Viewer, verdict: Verdict): Promise<void> {
  if (gaps > 0) verdict.lost.push(`${ref.channel}: a viewer met ${gaps} gaps`)
  const whole = await log.read(ref, -1, 10_000)
  if (events.length !== whole.length) verdict.lost.push(`${ref.channel}: a viewer has ${events.length} of ${whole.length} events`)
  if (events.filter(isTerminalEvent).length > 1) verdict.duplicated.push(`${ref.channel}: a viewer saw two endings`)
}
