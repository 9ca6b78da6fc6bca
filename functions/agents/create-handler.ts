import type { AgentStore } from '#shared/agents/agent-store.ts'
import { registerDeclaredAgent } from '#shared/agents/register-declared-agent.ts'
import { checkAgentHealth } from '#shared/executions/check-agent-health.ts'
import type { RunDependencies } from '#shared/executions/run.ts'
import { runExecution } from '#shared/executions/run-execution.ts'
import { agentAnswerer } from '#shared/runtime/agent-answerer.ts'
import type { AgentDefinition } from '#shared/runtime/agent-definition.ts'
import type { AgentDependencies } from '#shared/runtime/agent-dependencies.ts'
import { declarationOf } from '#shared/runtime/define-agent.ts'
import type { RecordsDependencies } from '../handle-records.ts'
import { workHandler } from '../work-handler.ts'

export type AgentFunctionDependencies = Omit<RunDependencies, 'answerer'> &
  AgentDependencies &
  RecordsDependencies & {
    /** The registry as it is now, where `agents` may remember. */
    registry: AgentStore
    /** Names the build. */
    deployment: string
  }

/** Runs executions of an agent's own queue with the agent's code, and registers the agent when it is asked to. */
export function createHandler(definition: AgentDefinition, dependencies: AgentFunctionDependencies) {
  const { registry, clock, deployment, logger } = dependencies
  const runDependencies = { ...dependencies, answerer: agentAnswerer(definition, dependencies) }

  return workHandler(dependencies, async (item, invocation) => {
    if ('executionId' in item) await runExecution(runDependencies, item, invocation)
    else if ('probe' in item) await checkAgentHealth(dependencies, item)
    else {
      const declaration = declarationOf(definition)
      const result = await registerDeclaredAgent({ agents: registry, clock }, item.tenant, declaration, deployment)
      logger.info('agent_registered', { tenant: item.tenant, agentId: definition.id, deployment, result })
    }
  })
}
