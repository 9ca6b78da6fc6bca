import { createReadStream } from 'node:fs'
import { buffer } from 'node:stream/consumers'
import type { AttachmentView } from '#shared/protocol/attachment.ts'
import { IMAGE_TYPES, type ImageType, imageTypeOf, MAX_ATTACHMENT_BYTES, MAX_ATTACHMENTS } from '#shared/protocol/image-type.ts'
import type { HttpCaller } from '../web/client/http.ts'
import { CliError } from './errors.ts'
import { EXIT_CODE } from './exit-code.ts'

/** An image of this machine. */
export interface ImageFile {
  mediaType: ImageType
  data: Uint8Array
}

const FORMATS = IMAGE_TYPES.map((type) => type.replace('image/', '')).join(', ')
const MAX_MEGABYTES = MAX_ATTACHMENT_BYTES / 1_000_000

/**
 * Images to be sent with a question. All of them are looked at before anything is sent.
 *
 * @throws CliError `too_many_files`, `unreadable_file`, `file_too_large` or `unsupported_type`, naming the file
 */
export function readImages(paths: readonly string[]): Promise<ImageFile[]> {
  if (paths.length > MAX_ATTACHMENTS)
    throw refusal('too_many_files', `${paths.length} images are too many for one question`, `send ${MAX_ATTACHMENTS} at the most`)
  return Promise.all(paths.map(readImage))
}

async function readImage(path: string): Promise<ImageFile> {
  const data = await readBytes(path)
  if (data.byteLength > MAX_ATTACHMENT_BYTES)
    throw refusal(
      'file_too_large',
      `"${path}" is larger than ${MAX_MEGABYTES} MB`,
      'make it smaller: models do not see more in it',
    )
  const mediaType = imageTypeOf(data)
  if (mediaType === undefined)
    throw refusal('unsupported_type', `"${path}" is no image that models look at`, `send one of ${FORMATS}`)
  return { mediaType, data }
}

/** No more of it than shows that it is too large: a pipe or a device may never end. */
async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await buffer(createReadStream(path, { end: MAX_ATTACHMENT_BYTES }))
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    throw refusal('unreadable_file', `"${path}": ${message}`, 'name a file that is there and that you may read', cause)
  }
}

/**
 * Has the server keep images, one after the other.
 *
 * @returns their ids, as an input names them; the same image has the same id
 */
export async function uploadImages(images: readonly ImageFile[], http: HttpCaller, signal: AbortSignal): Promise<string[]> {
  const ids: string[] = []
  for (const { mediaType, data } of images) {
    const body = { mediaType, data: Buffer.from(data).toString('base64') }
    const { attachmentId } = await http<AttachmentView>('/v1/attachments', { method: 'POST', body, signal })
    ids.push(attachmentId)
  }
  return ids
}

const refusal = (code: string, message: string, advice: string, cause?: unknown): CliError =>
  new CliError(code, message, advice, { exitCode: EXIT_CODE.usage, cause })
