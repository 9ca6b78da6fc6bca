import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import { newId } from '#shared/platform/ids.ts'
import type { LlmAgent } from '#shared/protocol/agent.ts'

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
