import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch'
import middy from '@middy/core'
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda'
import type { AgentStore } from '#shared/agents/agent-store.ts'
import { registerDeclaredAgent } from '#shared/agents/register-declared-agent.ts'
import { checkAgentHealth } from '#shared/executions/check-agent-health.ts'
import type { RunDependencies } from '#shared/executions/run.ts'
import { runExecution } from '#shared/executions/run-execution.ts'
import { parseWorkItem } from '#shared/messaging/parse-work-item.ts'
import { toSluiceError } from '#shared/platform/errors.ts'
import { agentAnswerer } from '#shared/runtime/agent-answerer.ts'
import type { AgentDefinition } from '#shared/runtime/agent-definition.ts'
import type { AgentDependencies } from '#shared/runtime/agent-dependencies.ts'
import { declarationOf } from '#shared/runtime/define-agent.ts'

export type AgentFunctionDependencies = Omit<RunDependencies, 'answerer'> &
  AgentDependencies & {
    /** The registry as it is now, where `agents` may remember. */
    registry: AgentStore
    /** Names the build. */
    deployment: string
  }

/** Runs up to ten executions of an agent's own queue at once, with the agent's code, and registers the agent when it is asked to. */
export function createHandler(definition: AgentDefinition, dependencies: AgentFunctionDependencies) {
  const { registry, clock, deployment, logger } = dependencies
  const runDependencies = { ...dependencies, answerer: agentAnswerer(definition, dependencies) }

  async function take(record: SQSRecord, remainingMs: () => number): Promise<void> {
    const item = parseWorkItem(record.body)
    if ('executionId' in item) await runExecution(runDependencies, item, { remainingMs })
    else if ('probe' in item) await checkAgentHealth(dependencies, item)
    else {
      const declaration = declarationOf(definition)
      const result = await registerDeclaredAgent({ agents: registry, clock }, item.tenant, declaration, deployment)
      logger.info('agent_registered', { tenant: item.tenant, agentId: definition.id, deployment, result })
    }
  }

  return middy<SQSEvent, SQSBatchResponse>().handler((event, context) => {
    const remainingMs = () => context.getRemainingTimeInMillis()
    const takeOrTell = async (record: SQSRecord): Promise<void> => {
      try {
        await take(record, remainingMs)
      } catch (error) {
        logger.error('message_retried', { messageId: record.messageId, code: toSluiceError(error).code, error })
        throw error
      }
    }
    return processPartialResponse(event, takeOrTell, new BatchProcessor(EventType.SQS), {
      context,
      throwOnFullBatchFailure: false,
    })
  })
}
