import { describe, expect, it } from 'vitest'
import { memoryConversationStore } from '#shared/conversations/memory-conversation-store.ts'
import { memoryLlmProviders } from '#shared/llm/memory-llm-providers.ts'
import { memoryArtifactStore } from '#shared/messaging/memory-artifact-store.ts'
import { memoryDeadLetterQueue } from '#shared/messaging/memory-dead-letter-queue.ts'
import { memoryDeliverAgain } from '#shared/messaging/memory-deliver-again.ts'
import { memoryMessageBus } from '#shared/messaging/memory-message-bus.ts'
import { memoryWorkQueue } from '#shared/messaging/memory-work-queue.ts'
import { memoryLog } from '#shared/platform/log.ts'
import { defineAgent } from '#shared/runtime/define-agent.ts'
import { memoryConnectionPoster } from '#shared/streams/memory-connection-poster.ts'
import { memorySubscriptionStore } from '#shared/streams/memory-subscription-store.ts'
import { createHandler } from '../../../../functions/agents/create-handler.ts'
import { anExecution, memoryWorld } from '../../../helpers/executions.ts'
import { aRecord, failuresOf } from '../../../helpers/sqs-events.ts'
import { senderTools } from '../../../helpers/streams.ts'

const KEY = { tenant: 'acme', agentId: 'triage' }
const clock = { now: () => Date.parse('2026-11-21T09:30:01.000Z') }

function agentFunction(deployment = 'build-1') {
  const world = memoryWorld(clock)
  const [deadLetters, logger] = [memoryDeadLetterQueue(), memoryLog()]
  const definition = defineAgent({
    id: KEY.agentId,
    topics: ['tickets'],
    handle: async (input, { stream }) => stream.write(`handled ${JSON.stringify(input)}`),
  })
  const handlerOf = (build: string) =>
    createHandler(definition, {
      ...world,
      registry: world.agents,
      approvals: async () => world.approvals,
      workQueue: memoryWorkQueue(),
      subscriptions: memorySubscriptionStore(world.log, clock),
      poster: memoryConnectionPoster(),
      ...senderTools(),
      providers: memoryLlmProviders(async function* () {
        yield { type: 'stop', reason: 'end' }
      }),
      bus: memoryMessageBus(),
      conversations: memoryConversationStore(clock),
      artifacts: memoryArtifactStore(),
      deadLetters,
      deliverAgain: memoryDeliverAgain(),
      allowPrivateAddresses: false,
      clock,
      logger,
      executionTimeoutMs: 5_000,
      deployment: build,
    })
  const register = aRecord({ ...KEY, register: true })
  async function aQueuedExecution() {
    const record = anExecution({ agentId: KEY.agentId, worker: KEY.agentId, input: 'x' })
    await world.executions.create(record, 0)
    const { tenant, executionId, agentId, worker } = record
    return { record: aRecord({ tenant, executionId, agentId, worker }), stored: () => world.executions.get(record) }
  }
  const agent = () => world.agents.get(KEY.tenant, KEY.agentId)
  return { handler: handlerOf(deployment), handlerOf, register, aQueuedExecution, agent, logger }
}

describe('the function of an agent in code', () => {
  it('registers its agent when it is asked to, and again for another build', async () => {
    const { handler, handlerOf, register, agent, logger } = agentFunction()

    expect(await failuresOf(handler, register)).toEqual([])
    expect(await agent()).toMatchObject({ kind: 'function', status: 'running', deployment: 'build-1', topics: ['tickets'] })

    await failuresOf(handlerOf('build-2'), register)
    expect(await agent()).toMatchObject({ deployment: 'build-2', version: 1 })
    const results = logger.lines.filter(({ code }) => code === 'agent_registered').map(({ fields }) => fields.result)
    expect(results).toEqual(['created', 'replaced'])
  })

  it("runs work with its agent's own code", async () => {
    const { handler, register, aQueuedExecution } = agentFunction()
    await failuresOf(handler, register)
    const { record, stored } = await aQueuedExecution()

    expect(await failuresOf(handler, record)).toEqual([])

    expect(await stored()).toMatchObject({ status: 'completed', output: { text: 'handled "x"' } })
  })

  it('tells that it is well when it is asked', async () => {
    const { handler, register, agent } = agentFunction()
    await failuresOf(handler, register)

    await failuresOf(handler, aRecord({ ...KEY, probe: true }))

    expect(await agent()).toMatchObject({ health: 'healthy', healthDetail: 'its function answered' })
  })

  it('has only those messages come again that could not be handled', async () => {
    const { handler, register, aQueuedExecution, logger } = agentFunction()
    await failuresOf(handler, register)
    const { record, stored } = await aQueuedExecution()
    const broken = [aRecord('not JSON'), aRecord({ tenant: 'acme', executionId: 'nobody-knows' })]

    const failed = await failuresOf(handler, ...broken, record)

    expect(failed).toEqual(broken.map(({ messageId }) => messageId))
    expect(await stored()).toMatchObject({ status: 'completed' })
    expect(logger.lines.filter(({ code }) => code === 'message_retried')).toHaveLength(2)
  })
})
