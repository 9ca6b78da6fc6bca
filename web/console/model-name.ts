import type { Agent } from '#shared/protocol/agent.ts'

/** What answers for an agent, in a few words. */
export function modelName(agent: Agent): string {
  switch (agent.kind) {
    case 'llm':
      return agent.llm.model
    case 'remote':
      return new URL(agent.endpoint).host
    case 'function':
      return 'code of its own'
  }
}
