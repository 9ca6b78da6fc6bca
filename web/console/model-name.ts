import type { Agent } from '#shared/protocol/agent.ts'

/** What answers for an agent, in a few words. */
export const modelName = (agent: Agent): string => (agent.kind === 'llm' ? agent.llm.model : 'code of its own')
