import { IMAGE_TYPES, type ImageType, imageTypeOf, MAX_ATTACHMENT_BYTES } from '#shared/protocol/image-type.ts'

/** An image that was read, or why it is not taken. */
export type ReadImage =
  | { outcome: 'read'; mediaType: ImageType; data: string; address: string }
  | { outcome: 'refused'; code: Refusal }

export type Refusal = 'file_too_large' | 'unsupported_type' | 'unreadable_file' | 'too_many_files'

/** What a dialog for files offers. */
export const ACCEPTED = IMAGE_TYPES.join()

/**
 * Reads an image that somebody gave. What it is its first bytes say: names and types of files come from whoever made them.
 *
 * @returns its bytes in base64, alone and as a `data:` URL
 */
export async function readImage(file: Blob): Promise<ReadImage> {
  if (file.size > MAX_ATTACHMENT_BYTES) return { outcome: 'refused', code: 'file_too_large' }
  try {
    const bytes = new Uint8Array(await file.arrayBuffer())
    const mediaType = imageTypeOf(bytes)
    if (mediaType === undefined) return { outcome: 'refused', code: 'unsupported_type' }
    const address = await dataUrlOf(new Blob([bytes], { type: mediaType }))
    return { outcome: 'read', mediaType, data: address.slice(address.indexOf(',') + 1), address }
  } catch {
    // It was moved, it is a folder, or its owner keeps it from us.
    return { outcome: 'refused', code: 'unreadable_file' }
  }
}

function dataUrlOf(blob: Blob): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const reader = new FileReader()
  reader.onload = () => resolve(String(reader.result))
  reader.onerror = () => reject(reader.error)
  reader.readAsDataURL(blob)
  return promise
}
