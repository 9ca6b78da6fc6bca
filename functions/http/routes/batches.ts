import * as z from 'zod'
import { cancelBatch } from '#shared/executions/cancel-batch.ts'
import { batchAccepted, findBatch, readBatch } from '#shared/executions/read-batch.ts'
import { submitBatch } from '#shared/executions/submit-batch.ts'
import { allowedUrl } from '#shared/platform/allowed-url.ts'
import { batchAcceptedSchema, batchIdSchema, batchSchema, createBatchSchema } from '#shared/protocol/batch.ts'
import { MAX_REFERENCED_BYTES } from '#shared/protocol/limits.ts'
import { type Route, route } from '../route.ts'

const params = z.object({ batchId: batchIdSchema })

export const BATCH_ROUTES: readonly Route[] = [
  route({
    method: 'POST',
    path: '/v1/executions/batch',
    operation: 'createBatch',
    idempotency: 'derived',
    summary: 'Asks for up to a hundred executions',
    description: `In \`parallel\` each is taken or refused by itself: 207 where some were refused. In \`sequential\` order they are taken as a whole or not at all, and
each begins when the one before has ended; with \`stopOnError\` those behind one that ends without success are cancelled.`,
    tag: 'Executions',
    errors: ['not_found', 'agent_not_running', 'queue_full', 'unsupported_task_type', 'conflict', 'quota_exceeded', 'forbidden'],
    scope: 'executions:write',
    body: createBatchSchema,
    maxBodyBytes: MAX_REFERENCED_BYTES,
    status: 202,
    response: batchAcceptedSchema,
    alsoAnswers: [{ status: 207, response: batchAcceptedSchema }],
    async handle({ principal, body, idempotencyKey }, dependencies) {
      for (const { callbackUrl } of body.executions)
        if (callbackUrl !== undefined) allowedUrl(callbackUrl, dependencies.allowPrivateCallbacks)
      const accepted = batchAccepted(await submitBatch(dependencies, principal, body, { idempotencyKey }))
      const isWhole = accepted.executions.every((item) => 'executionId' in item)
      return { status: isWhole ? 202 : 207, body: accepted, headers: { location: accepted.links.self } }
    },
  }),

  route({
    method: 'GET',
    path: '/v1/executions/batches/{batchId}',
    operation: 'getBatch',
    summary: 'A batch, with the status of each of its executions',
    tag: 'Executions',
    errors: ['not_found'],
    scope: 'executions:read',
    params,
    status: 200,
    response: batchSchema,
    async handle({ principal: { tenant }, params: { batchId } }, { batches, executions }) {
      return { body: await readBatch(executions, await findBatch(batches, { tenant, batchId })) }
    },
  }),

  route({
    method: 'POST',
    path: '/v1/executions/batches/{batchId}/cancel',
    operation: 'cancelBatch',
    summary: 'Stops all of a batch that has not ended',
    tag: 'Executions',
    errors: ['not_found'],
    scope: 'executions:write',
    params,
    status: 202,
    response: batchSchema,
    async handle({ principal: { tenant }, params: { batchId } }, dependencies) {
      const batch = await findBatch(dependencies.batches, { tenant, batchId })
      await cancelBatch(dependencies, batch)
      return { body: await readBatch(dependencies.executions, batch) }
    },
  }),
]
