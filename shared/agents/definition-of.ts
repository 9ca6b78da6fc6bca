import type { Agent, FunctionAgent, LlmAgent, RemoteAgent } from '#shared/protocol/agent.ts'
import {
  definitionSchemas,
  type FunctionDefinition,
  type LlmDefinition,
  type RemoteDefinition,
} from '#shared/protocol/agent-definition.ts'

export function definitionOf(agent: LlmAgent): LlmDefinition
export function definitionOf(agent: FunctionAgent): FunctionDefinition
export function definitionOf(agent: RemoteAgent): RemoteDefinition
export function definitionOf(agent: Agent): LlmDefinition | FunctionDefinition | RemoteDefinition
/** What somebody decided about an agent, without its state; what is not there has no entry. */
export function definitionOf(agent: Agent): LlmDefinition | FunctionDefinition | RemoteDefinition {
  return definitionSchemas[agent.kind].parse(agent)
}
