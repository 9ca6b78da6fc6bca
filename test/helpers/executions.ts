import type { AgentStore } from '#shared/agents/agent-store.ts'
import type { Gate } from '#shared/agents/gate.ts'
import { memoryAgentStore } from '#shared/agents/memory-agent-store.ts'
import { type MemoryGates, memoryGates } from '#shared/agents/memory-gates.ts'
import type { AdmissionStore } from '#shared/executions/admission-store.ts'
import type { ApprovalStore } from '#shared/executions/approval-store.ts'
import type { Ending, ExecutionRecord } from '#shared/executions/execution-record.ts'
import { memoryAdmissionStore } from '#shared/executions/memory-admission-store.ts'
import { memoryApprovalStore } from '#shared/executions/memory-approval-store.ts'
import { type MemoryExecutionStore, memoryExecutionStore } from '#shared/executions/memory-execution-store.ts'
import { type Clock, systemClock } from '#shared/platform/clock.ts'
import { newId } from '#shared/platform/ids.ts'
import type { FunctionAgent, LlmAgent, RemoteAgent } from '#shared/protocol/agent.ts'
import type { Approval } from '#shared/protocol/approval.ts'
import { type MemoryStreamLog, memoryStreamLog } from '#shared/streams/memory-stream-log.ts'
import { aChunk, aCompletion } from './streams.ts'

/** Stores in memory that see each other's writes, as those over one set of tables do. */
export type MemoryWorld = {
  log: MemoryStreamLog
  gates: MemoryGates
  agents: AgentStore
  executions: MemoryExecutionStore
  admission: AdmissionStore
  approvals: ApprovalStore
}

export function memoryWorld(clock: Clock = systemClock): MemoryWorld {
  const [log, gates] = [memoryStreamLog(clock), memoryGates()]
  const executions = memoryExecutionStore({ log, gates }, { clock })
  return {
    ...{ log, gates, executions },
    agents: memoryAgentStore(gates),
    admission: memoryAdmissionStore({ executions, gates }),
    approvals: memoryApprovalStore(executions.stored),
  }
}

export const anExecution = (overrides: Partial<ExecutionRecord> = {}): ExecutionRecord => ({
  tenant: 'acme',
  executionId: newId(),
  agentId: 'assistant',
  status: 'queued',
  attempt: 0,
  nextAttempt: 1,
  priority: 5,
  input: { content: 'What is a sluice?' },
  requestHash: 'hash',
  fence: 0,
  postedThrough: -1,
  createdAt: '2026-11-21T09:30:00.000Z',
  ...overrides,
})

export const anAgent = (overrides: Partial<LlmAgent> = {}): LlmAgent => ({
  agentId: 'assistant',
  name: 'Assistant',
  kind: 'llm',
  status: 'running',
  health: 'unknown',
  topics: ['questions'],
  maxConcurrency: 10,
  maxQueue: 10_000,
  llm: { provider: 'scripted', model: 'scripted-1' },
  prompts: {},
  version: 1,
  revision: 1,
  createdAt: '2026-11-21T09:30:00.000Z',
  updatedAt: '2026-11-21T09:30:00.000Z',
  ...overrides,
})

/** An agent with code of its own. */
export const aFunctionAgent = (overrides: Partial<FunctionAgent> = {}): FunctionAgent => {
  const { llm: _, prompts: __, ...agent } = anAgent()
  return { ...agent, kind: 'function', agentId: 'triage', deployment: 'build-1', ...overrides }
}

/** An agent that is a service elsewhere. */
export const aRemoteAgent = (overrides: Partial<RemoteAgent> = {}): RemoteAgent => {
  const { llm: _, prompts: __, ...agent } = anAgent()
  return { ...agent, kind: 'remote', agentId: 'elsewhere', topics: [], endpoint: 'https://agents.example.com', ...overrides }
}

/** A call of a tool that nobody has decided on. */
export const anApproval = (overrides: Partial<Approval> = {}): Approval => ({
  approvalId: newId(),
  executionId: newId(),
  agentId: 'assistant',
  callId: 'call-1',
  toolName: 'pay',
  arguments: { amount: 3 },
  status: 'pending',
  createdAt: '2026-11-21T09:30:00.000Z',
  expiresAt: '2026-11-21T10:30:00.000Z',
  ...overrides,
})

export const aGate = (overrides: Partial<Gate> = {}): Gate => ({
  open: true,
  limit: 2,
  queueLimit: 10_000,
  waiting: 0,
  active: [],
  ...overrides,
})

export const anEnding = (overrides: Partial<Ending> = {}): Ending => ({
  status: 'completed',
  endedAt: '2026-11-21T09:31:00.000Z',
  output: { text: 'A gate.' },
  usage: { inputTokens: 5, outputTokens: 2 },
  events: [aChunk(0), aCompletion(1)],
  ...overrides,
})

/** A lease of half a minute, as a worker asks for it. */
export const aLease = (owner: string, now: number, { tookSlot } = { tookSlot: false }) => ({
  owner,
  now,
  expiresAt: now + 30_000,
  tookSlot,
})
