import { describe, expect, it } from 'vitest'
import type { BatchRecord } from '#shared/executions/batch-record.ts'
import type { BatchStore } from '#shared/executions/batch-store.ts'
import { dynamoBatchStore } from '#shared/executions/dynamo-batch-store.ts'
import { memoryBatchStore } from '#shared/executions/memory-batch-store.ts'
import { newId } from '#shared/platform/ids.ts'
import { dynamoBackends } from '../../helpers/dynamo.ts'

const aBatch = (overrides: Partial<BatchRecord> = {}): BatchRecord => ({
  tenant: 'acme',
  batchId: newId(),
  mode: 'sequential',
  stopOnError: true,
  agentIds: ['one', 'other'],
  requestHash: 'hash',
  createdAt: '2026-11-21T09:30:00.000Z',
  ...overrides,
})

const REFUSED: NonNullable<BatchRecord['refused']> = {
  1: { code: 'validation_error', detail: 'no', errors: [{ path: 'input', message: 'no' }] },
}

function batchStoreContract(store: BatchStore): void {
  it('keeps the first of an id', async () => {
    const batch = aBatch()

    expect(await store.create(batch)).toEqual(batch)
    expect(await store.create({ ...batch, requestHash: 'other' })).toEqual(batch)
    expect(await store.get(batch)).toEqual(batch)
  })

  it('stores what was refused once', async () => {
    const batch = aBatch()
    await store.create(batch)

    expect(await store.settle(batch, REFUSED)).toEqual(REFUSED)
    expect(await store.settle(batch, {})).toEqual(REFUSED)
    expect(await store.get(batch)).toEqual({ ...batch, refused: REFUSED })
  })

  it('knows nothing of other tenants', async () => {
    const batch = aBatch()
    await store.create(batch)

    expect(await store.get({ ...batch, tenant: newId() })).toBeUndefined()
  })
}

describe('BatchStore in memory', () => batchStoreContract(memoryBatchStore()))

describe.each(dynamoBackends())('BatchStore on $name', ({ client, tables }) => {
  batchStoreContract(dynamoBatchStore(client, tables.executions, { retentionDays: 30 }))

  it('forgets a batch when its time is over', async () => {
    let now = Date.parse('2026-11-21T09:30:00.000Z')
    const store = dynamoBatchStore(client, tables.executions, { retentionDays: 30, clock: { now: () => now } })
    const batch = await store.create(aBatch())

    now += 31 * 86_400_000

    expect(await store.get(batch)).toBeUndefined()
  })
})
