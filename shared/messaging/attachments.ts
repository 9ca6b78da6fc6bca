import { NotFoundError, ValidationError } from '#shared/platform/errors.ts'
import { derivedId } from '#shared/platform/ids.ts'
import { sha256 } from '#shared/platform/sha256.ts'
import { type ImageType, imageTypeOf, MAX_ATTACHMENT_BYTES } from '#shared/protocol/image-type.ts'
import type { ArtifactStore } from './artifact-store.ts'

/** Whose attachment: nobody else can name it. */
export type AttachmentOwner = {
  tenant: string
  /** The `source` of the caller's messages. */
  source: string
}

export type Attachment = { mediaType: ImageType; data: Uint8Array }

/** Images that callers gave for their questions, in the store of large payloads. */
export type Attachments = {
  /**
   * Keeps an image.
   *
   * @returns its id: the same for the same image of the same owner
   * @throws ValidationError when it is not what it is said to be, or too large
   */
  put(owner: AttachmentOwner, attachment: Attachment): Promise<string>
  /** @throws NotFoundError, also for one that is somebody else's */
  get(owner: AttachmentOwner, attachmentId: string): Promise<Attachment>
}

export function attachmentsIn(artifacts: ArtifactStore): Attachments {
  const keyOf = ({ tenant, source }: AttachmentOwner, id: string): string =>
    `T/${tenant}/attachments/${derivedId('attachments', source)}/${id}.json`

  return {
    async put(owner, { mediaType, data }) {
      requireImage(mediaType, data)
      const id = derivedId('attachment', owner.tenant, owner.source, mediaType, sha256(data))
      await artifacts.put(keyOf(owner, id), JSON.stringify({ mediaType, data: Buffer.from(data).toString('base64') }))
      return id
    },
    async get(owner, attachmentId) {
      const text = await artifacts.get(keyOf(owner, attachmentId))
      if (text === undefined) throw new NotFoundError('attachment', attachmentId)
      const { mediaType, data } = JSON.parse(text) as { mediaType: ImageType; data: string }
      return { mediaType, data: Buffer.from(data, 'base64') }
    },
  }
}

function requireImage(mediaType: ImageType, data: Uint8Array): void {
  if (data.byteLength > MAX_ATTACHMENT_BYTES)
    throw new ValidationError(`the image is larger than ${MAX_ATTACHMENT_BYTES} bytes`, [
      { path: 'data', message: 'is too large' },
    ])
  if (imageTypeOf(data) === mediaType) return
  throw new ValidationError(`the file does not begin like one of the type ${mediaType}`, [
    { path: 'mediaType', message: 'is another one than the file has' },
  ])
}
