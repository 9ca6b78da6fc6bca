import * as z from 'zod'
import { principalSource } from '#shared/access/principal-source.ts'
import { attachmentsIn } from '#shared/messaging/attachments.ts'
import { attachmentContentSchema, attachmentSchema, createAttachmentSchema } from '#shared/protocol/attachment.ts'
import { MAX_REFERENCED_BYTES } from '#shared/protocol/limits.ts'
import { type Route, route } from '../route.ts'

export const ATTACHMENT_ROUTES: readonly Route[] = [
  route({
    method: 'POST',
    path: '/v1/attachments',
    operation: 'createAttachment',
    summary: 'Keeps an image for questions about it',
    description:
      'Inputs name it by its id in `attachments`. It is kept for 30 days; the same image of the same caller has the same id.',
    tag: 'Executions',
    errors: ['payload_too_large'],
    idempotency: 'repeatable',
    scope: 'executions:write',
    body: createAttachmentSchema,
    maxBodyBytes: MAX_REFERENCED_BYTES,
    status: 201,
    response: attachmentSchema,
    async handle({ principal: { tenant, subject }, body: { mediaType, data } }, { artifacts }) {
      const bytes = Buffer.from(data, 'base64')
      const owner = { tenant, source: principalSource(subject) }
      const attachmentId = await attachmentsIn(artifacts).put(owner, { mediaType, data: bytes })
      return { body: { attachmentId, mediaType, bytes: bytes.byteLength } }
    },
  }),

  route({
    method: 'GET',
    path: '/v1/attachments/{attachmentId}',
    operation: 'getAttachment',
    summary: 'An image that the caller has given',
    tag: 'Executions',
    errors: ['not_found'],
    scope: 'executions:read',
    params: z.object({ attachmentId: z.uuid() }),
    status: 200,
    response: attachmentContentSchema,
    async handle({ principal: { tenant, subject }, params: { attachmentId } }, { artifacts }) {
      const owner = { tenant, source: principalSource(subject) }
      const { mediaType, data } = await attachmentsIn(artifacts).get(owner, attachmentId)
      return { body: { attachmentId, mediaType, bytes: data.byteLength, data: Buffer.from(data).toString('base64') } }
    },
  }),
]
