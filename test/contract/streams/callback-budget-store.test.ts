import { DeleteCommand } from '@aws-sdk/lib-dynamodb'
import { describe, expect, it } from 'vitest'
import { callbackBudget, READ_EVERY_MS, STEP_MS } from '#shared/streams/callback-budget.ts'
import type { CallbackBudgetStore } from '#shared/streams/callback-budget-store.ts'
import { dynamoCallbackBudgetStore } from '#shared/streams/dynamo-callback-budget-store.ts'
import { memoryCallbackBudgetStore } from '#shared/streams/memory-callback-budget-store.ts'
import { CALLBACK_BUDGET_KEY } from '#shared/streams/stream-keys.ts'
import { dynamoBackends } from '../../helpers/dynamo.ts'

const stores: [string, () => Promise<CallbackBudgetStore>][] = [
  ['memory', async () => memoryCallbackBudgetStore()],
  ...dynamoBackends().map(({ name, client, tables }): [string, () => Promise<CallbackBudgetStore>] => [
    name,
    async () => {
      await client.send(new DeleteCommand({ TableName: tables.streams, Key: CALLBACK_BUDGET_KEY }))
      return dynamoCallbackBudgetStore(client, tables.streams)
    },
  ]),
]

describe.each(stores)('CallbackBudgetStore on %s', (_name, open) => {
  it('keeps what was written last', async () => {
    const store = await open()
    expect(await store.read()).toBeUndefined()
    const first = { steps: 1, at: 1_795_253_400_000 }
    await store.replace(undefined, first)
    expect(await store.read()).toEqual(first)
    const second = { steps: 1.9, at: first.at + 1_000 }

    await store.replace(first, second)

    expect(await store.read()).toEqual(second)
  })

  it('keeps what somebody else wrote meanwhile', async () => {
    const store = await open()
    const theirs = { steps: 2, at: 1_795_253_400_000 }
    await store.replace(undefined, theirs)

    await store.replace(undefined, { steps: 1, at: theirs.at + 5 })
    await store.replace({ steps: 1, at: theirs.at - 5 }, { steps: 1, at: theirs.at + 5 })

    expect(await store.read()).toEqual(theirs)
  })

  it('lets a writer in one container slow down one in another', async () => {
    const store = await open()
    let now = Date.now()
    const [one, other] = [callbackBudget(store, { now: () => now }), callbackBudget(store, { now: () => now })]

    one.throttled()
    await expect.poll(async () => (await store.read())?.steps).toBe(1)
    now += READ_EVERY_MS
    other.pressure()

    await expect.poll(() => other.pressure()).toBeCloseTo(1 - READ_EVERY_MS / STEP_MS)
  })
})
