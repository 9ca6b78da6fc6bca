import { describe, expect, it } from 'vitest'
import { dynamoAgentStore } from '#shared/agents/dynamo-agent-store.ts'
import { cancelChildren } from '#shared/executions/cancel-children.ts'
import { callKeyOf, childIdOf } from '#shared/executions/child-execution.ts'
import { dynamoApprovalStore } from '#shared/executions/dynamo-approval-store.ts'
import { LEASE_MS } from '#shared/executions/lease-keeper.ts'
import { newId } from '#shared/platform/ids.ts'
import { MAX_ANSWER_BYTES, MAX_CHECKPOINT_BYTES, MAX_MESSAGE_BYTES } from '#shared/protocol/limits.ts'
import { dynamoSubscriptionStore } from '#shared/streams/dynamo-subscription-store.ts'
import { onDynamo } from '../../helpers/admission-worlds.ts'
import { type DynamoBackend, dynamoBackends } from '../../helpers/dynamo.ts'
import { aFunctionAgent, anAgent } from '../../helpers/executions.ts'
import { longLife } from '../../helpers/long-life.ts'
import { loseAnswers } from '../../helpers/lost-answers.ts'
import { byCode, byModel, say, type WorkerStores, words, workerScene } from '../../helpers/worker.ts'

function storesOn({ tables }: DynamoBackend, client: DynamoBackend['client']): WorkerStores {
  return {
    ...onDynamo({ client, tables }),
    agents: dynamoAgentStore(client, tables.registry),
    subscriptions: dynamoSubscriptionStore(client, tables.streams),
    approvals: async () => dynamoApprovalStore(client, tables.executions, { retentionDays: 30 }),
  }
}

describe.each(dynamoBackends())('an execution with everything that it may have, on $name', (backend) => {
  it('fits its record: the largest input, checkpoint and answer', async () => {
    const scene = await workerScene(aFunctionAgent(), { tenant: newId(), stores: () => storesOn(backend, backend.client) })
    const record = await scene.submit({ agentId: 'triage', input: { content: 'i'.repeat(MAX_MESSAGE_BYTES - 20) } })
    const answer = 'a'.repeat(MAX_ANSWER_BYTES)
    const saving = byCode(async (request) => {
      await request.checkpoints.save('s'.repeat(MAX_CHECKPOINT_BYTES - 2))
      say(request, answer)
    })

    expect(await scene.work(saving, record)).toBe('ended')

    expect((await scene.expectEnd(record, 'completed')).output?.text).toHaveLength(answer.length)
  }, 60_000)

  it('fails with what to do when its checkpoint is larger, and keeps the one before', async () => {
    const scene = await workerScene(aFunctionAgent(), { tenant: newId(), stores: () => storesOn(backend, backend.client) })
    const record = await scene.submit({ agentId: 'triage' })
    const saving = byCode(async (request) => {
      say(request, 'So far.')
      await request.checkpoints.save('small')
      await request.checkpoints.save('s'.repeat(MAX_CHECKPOINT_BYTES - 1))
    })

    expect(await scene.work(saving, record)).toBe('ended')

    expect(await scene.expectEnd(record, 'failed')).toMatchObject({
      attempt: 1,
      output: { text: 'So far.' },
      checkpoint: { state: '"small"' },
      error: { code: 'payload_too_large' },
    })
  }, 60_000)

  it('leaves no child at work when it is cancelled once its worker had died', async () => {
    const scene = await workerScene(anAgent(), { tenant: newId(), stores: () => storesOn(backend, backend.client) })
    const parent = await scene.submit()
    await scene.executions.acquire(parent, {
      owner: 'died',
      now: scene.clock.now(),
      expiresAt: scene.clock.now(),
      tookSlot: false,
    })
    const open = [{ callId: 'call-1', vendorId: 'v1', toolName: 'expert' }]
    const state = JSON.stringify({ pattern: 'react', calls: 1, state: { thread: { messages: [], steps: 1, open } } })
    await scene.executions.saveCheckpoint(parent, 1, { attempt: 1, postedThrough: -1, checkpoint: { state, sequence: -1 } })
    const child = await scene.submit({ executionId: childIdOf(parent, callKeyOf(parent.executionId, 'call-1')) })
    await scene.executions.acquire(child, {
      owner: 'works',
      now: scene.clock.now(),
      expiresAt: scene.clock.now() + LEASE_MS,
      tookSlot: false,
    })
    await scene.cancel(parent)
    scene.later(1)
    await scene.work(byModel(words), parent)

    await cancelChildren(scene.dependencies, await scene.expectEnd(parent, 'cancelled'))

    expect(await scene.stored(child)).toMatchObject({ status: 'running', cancelRequestedAt: expect.any(String) })
  }, 60_000)
})

describe.each(dynamoBackends())('an execution with everything on its way, on $name', (backend) => {
  it('ends well', async () => {
    const { live, expectGoodEnd } = await longLife({ tenant: newId(), stores: () => storesOn(backend, backend.client) })

    await live({})

    expect(await expectGoodEnd()).toMatchObject({ attempt: 3 })
  }, 60_000)

  it('ends just as well when the SDK sends every write twice, since its first answer is lost', async () => {
    const { live, expectGoodEnd } = await longLife({ tenant: newId(), stores: () => storesOn(backend, backend.client) })
    const client = backend.connect()
    const { lost } = loseAnswers(client, 'repeat')
    const { log, executions, admission, agents, subscriptions, approvals } = storesOn(backend, client)

    await live({ log, executions, admission, agents, subscriptions, approvals })

    expect(lost()).toBeGreaterThan(10)
    expect(await expectGoodEnd()).toMatchObject({ attempt: 3 })
  }, 60_000)
})
