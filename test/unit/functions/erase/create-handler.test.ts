import type { Context, SQSBatchResponse } from 'aws-lambda'
import { describe, expect, it } from 'vitest'
import type { ErasurePlace } from '#shared/erasure/erasure-place.ts'
import { requestErasure } from '#shared/erasure/request-erasure.ts'
import { memoryDeliverAgain } from '#shared/messaging/memory-deliver-again.ts'
import { SCOPES } from '#shared/protocol/scopes.ts'
import { createHandler } from '../../../../functions/erase/create-handler.ts'
import { erasureWorld, memoryPlace } from '../../../helpers/erasure.ts'
import { aRecord } from '../../../helpers/sqs-events.ts'

async function scene(place: ErasurePlace) {
  const world = erasureWorld([place])
  const handler = createHandler({ ...world.dependencies, deliverAgain: memoryDeliverAgain() })
  const request = { ...world.dependencies, defaultTenant: 'default', declaredAgents: [] }
  const ada = { subject: 'ada', tenant: 'acme', scopes: SCOPES }
  const { erasureId } = await requestErasure(request, ada, { confirm: 'acme' })
  const invoke = async (body: string) => {
    const context = { getRemainingTimeInMillis: () => 900_000 } as Context
    return (await handler({ Records: [aRecord(body)] }, context)) as SQSBatchResponse
  }
  const status = async () => (await world.dependencies.erasures.get(erasureId))?.status
  return { ...world, erasureId, invoke, status }
}

describe('the function "erase"', () => {
  it('goes on with one message after the other, to the end', async () => {
    const place = memoryPlace('tables', ['acme/1', 'other/1'])
    const { invoke, next, status } = await scene(place)

    for (let id = next(); id !== undefined; id = next()) {
      expect((await invoke(JSON.stringify({ erasureId: id }))).batchItemFailures).toEqual([])
    }

    expect(await status()).toBe('erased')
    expect(place.things).toEqual(['other/1'])
  })

  it.each(['{', '{}', '{"erasureId": "T#acme"}'])('gives the message %s back to the queue, which puts it aside', async (body) => {
    const { invoke, logger } = await scene(memoryPlace('tables', []))

    expect((await invoke(body)).batchItemFailures).toHaveLength(1)
    expect(logger.lines).toMatchObject([{ code: 'message_retried', fields: { code: 'validation_error' } }])
  })

  it('does nothing for an erasure that nobody knows', async () => {
    const { invoke, erasureQueue } = await scene(memoryPlace('tables', []))
    const before = erasureQueue.sent.length

    const { batchItemFailures } = await invoke(JSON.stringify({ erasureId: '018f9a50-0000-7000-8000-000000000000' }))

    expect(batchItemFailures).toEqual([])
    expect(erasureQueue.sent).toHaveLength(before)
  })
})
