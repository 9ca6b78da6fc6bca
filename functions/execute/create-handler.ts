import { runExecution } from '#shared/executions/run-execution.ts'
import { ValidationError } from '#shared/platform/errors.ts'
import { workHandler } from '../work-handler.ts'
import type { ExecuteDependencies } from './dependencies.ts'

/** Runs executions of the work queue, and looks after the agents whose health is asked for. */
export function createHandler(dependencies: ExecuteDependencies) {
  return workHandler(dependencies, async (item, invocation) => {
    if ('executionId' in item) await runExecution(dependencies, item, invocation)
    else if ('probe' in item) {
      const { checkAgentHealth } = await import('#shared/executions/check-agent-health.ts')
      await checkAgentHealth(dependencies, item)
    } else throw new ValidationError('agents in code are registered by their own functions')
  })
}
