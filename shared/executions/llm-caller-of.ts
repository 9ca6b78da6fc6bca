import type { LlmCaller } from '#shared/llm/llm-providers.ts'
import type { ExecutionRecord } from './execution-record.ts'

/** For whom an execution asks its models. */
export const llmCallerOf = ({ tenant, agentId, executionId, source, rootSource }: ExecutionRecord): LlmCaller => ({
  tenant,
  agentId,
  executionId,
  source,
  rootSource,
})
