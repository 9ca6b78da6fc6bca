import * as z from 'zod'
import { IMAGE_TYPES, MAX_ATTACHMENT_BYTES, MAX_ATTACHMENTS } from './image-type.ts'

/** Body of `POST /v1/attachments`. */
export const createAttachmentSchema = z.strictObject({
  mediaType: z.enum(IMAGE_TYPES),
  /** The file, in base64. */
  data: z
    .base64()
    .min(1)
    .max(Math.ceil(MAX_ATTACHMENT_BYTES / 3) * 4),
})

/** An image that inputs can name in `attachments`; kept for 30 days. */
export const attachmentSchema = z.object({
  /** The same for the same file of the same caller. */
  attachmentId: z.uuid(),
  mediaType: z.enum(IMAGE_TYPES),
  bytes: z.int().positive(),
})

/** Answer of `GET /v1/attachments/{attachmentId}`. */
export const attachmentContentSchema = attachmentSchema.extend({ data: z.base64() })

/** Ids of attachments, as an input names them. */
export const attachmentIdsSchema = z.array(z.uuid()).max(MAX_ATTACHMENTS)

export type AttachmentView = z.infer<typeof attachmentSchema>
export type AttachmentContent = z.infer<typeof attachmentContentSchema>
