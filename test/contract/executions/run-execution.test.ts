import { describe, expect, it } from 'vitest'
import { dynamoAgentStore } from '#shared/agents/dynamo-agent-store.ts'
import { dynamoApprovalStore } from '#shared/executions/dynamo-approval-store.ts'
import { newId } from '#shared/platform/ids.ts'
import { dynamoSubscriptionStore } from '#shared/streams/dynamo-subscription-store.ts'
import { onDynamo } from '../../helpers/admission-worlds.ts'
import { type DynamoBackend, dynamoBackends } from '../../helpers/dynamo.ts'
import { longLife } from '../../helpers/long-life.ts'
import { loseAnswers } from '../../helpers/lost-answers.ts'
import type { WorkerStores } from '../../helpers/worker.ts'

function storesOn({ tables }: DynamoBackend, client: DynamoBackend['client']): WorkerStores {
  return {
    ...onDynamo({ client, tables }),
    agents: dynamoAgentStore(client, tables.registry),
    subscriptions: dynamoSubscriptionStore(client, tables.streams),
    approvals: async () => dynamoApprovalStore(client, tables.executions, { retentionDays: 30 }),
  }
}

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
