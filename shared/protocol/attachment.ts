import * as z from 'zod'

/** Formats that every model with eyes takes. */
export const IMAGE_TYPES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'] as const

/** Largest attachment, in bytes, before it is written as base64. */
export const MAX_ATTACHMENT_BYTES = 3_500_000

/** Most attachments of one input. */
export const MAX_ATTACHMENTS = 8

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

export type ImageType = (typeof IMAGE_TYPES)[number]
