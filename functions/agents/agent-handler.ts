import type { AgentDefinition } from '#shared/runtime/agent-definition.ts'
import { createHandler } from './create-handler.ts'
import { agentDependencies } from './dependencies.ts'

/** The Lambda handler of an agent in code. */
export const agentHandler = (definition: AgentDefinition) => createHandler(definition, agentDependencies(definition.id))
