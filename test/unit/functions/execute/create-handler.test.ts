import { describe, expect, it } from 'vitest'
import { llmAnswerer } from '#shared/executions/llm-answerer.ts'
import type { LlmEvent } from '#shared/llm/llm-provider.ts'
import { memoryLlmProviders } from '#shared/llm/memory-llm-providers.ts'
import { memoryDeliverAgain } from '#shared/messaging/memory-deliver-again.ts'
import { memoryWorkQueue } from '#shared/messaging/memory-work-queue.ts'
import { systemClock } from '#shared/platform/clock.ts'
import { memoryLog } from '#shared/platform/log.ts'
import { memoryConnectionPoster } from '#shared/streams/memory-connection-poster.ts'
import { memorySubscriptionStore } from '#shared/streams/memory-subscription-store.ts'
import { createHandler } from '../../../../functions/execute/create-handler.ts'
import { anAgent, anExecution, memoryWorld } from '../../../helpers/executions.ts'
import { aRecord, failuresOf } from '../../../helpers/sqs-events.ts'
import { senderTools } from '../../../helpers/streams.ts'

/** The function with a model that answers once `parties` calls have come together. */
async function executeFunction(parties: number) {
  const world = memoryWorld()
  const logger = memoryLog()
  const together = Promise.withResolvers<void>()
  let calls = 0
  const providers = memoryLlmProviders(async function* (): AsyncGenerator<LlmEvent> {
    calls += 1
    if (calls === parties) together.resolve()
    await together.promise
    yield { type: 'text', text: 'A gate.' }
    yield { type: 'stop', reason: 'end' }
  })
  const dependencies = {
    ...world,
    approvals: async () => world.approvals,
    workQueue: memoryWorkQueue(),
    providers,
    answerer: llmAnswerer({ providers }),
    subscriptions: memorySubscriptionStore(world.log),
    poster: memoryConnectionPoster(),
    ...senderTools(),
    clock: systemClock,
    deliverAgain: memoryDeliverAgain(),
    logger,
    executionTimeoutMs: 5_000,
  }
  await dependencies.agents.create('acme', anAgent())
  async function aQueuedExecution() {
    const record = anExecution()
    await dependencies.executions.create(record, 0)
    const { tenant, executionId } = record
    return { record: aRecord({ tenant, executionId }), status: async () => (await dependencies.executions.get(record))?.status }
  }
  return { handler: createHandler(dependencies), aQueuedExecution, dependencies, logger }
}

describe('the function "execute"', () => {
  it('runs the executions of a batch at the same time', async () => {
    const { handler, aQueuedExecution } = await executeFunction(10)
    const executions = await Promise.all(Array.from({ length: 10 }, aQueuedExecution))

    expect(await failuresOf(handler, ...executions.map(({ record }) => record))).toEqual([])

    for (const { status } of executions) expect(await status()).toBe('completed')
  })

  it('has only those messages come again that could not be handled', async () => {
    const { handler, aQueuedExecution, logger } = await executeFunction(1)
    const execution = await aQueuedExecution()
    const unknown = aRecord({ tenant: 'acme', executionId: 'unknown' })
    const broken = aRecord('no work item')

    const failures = await failuresOf(handler, unknown, execution.record, broken)

    expect(new Set(failures)).toEqual(new Set([unknown.messageId, broken.messageId]))
    expect(await execution.status()).toBe('completed')
    const reasons = logger.lines
      .filter(({ code }) => code === 'message_retried')
      .map(({ fields }) => [fields.messageId, fields.code])
    expect(new Map(reasons as [string, string][])).toEqual(
      new Map([
        [broken.messageId, 'validation_error'],
        [unknown.messageId, 'not_found'],
      ]),
    )
  })

  it('is done with a message about an execution that has ended', async () => {
    const { handler, aQueuedExecution, dependencies } = await executeFunction(1)
    const execution = await aQueuedExecution()
    await failuresOf(handler, execution.record)

    expect(await failuresOf(handler, execution.record)).toEqual([])
    expect(dependencies.providers.calls).toHaveLength(1)
  })

  it('has a message come again when the stores fail', async () => {
    const { handler, aQueuedExecution, dependencies } = await executeFunction(1)
    const execution = await aQueuedExecution()
    dependencies.executions.acquire = () => Promise.reject(new Error('table is gone'))

    expect(await failuresOf(handler, execution.record)).toEqual([execution.record.messageId])
  })
})
