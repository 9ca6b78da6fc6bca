/** Formats that every model with eyes takes. */
export const IMAGE_TYPES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'] as const

export type ImageType = (typeof IMAGE_TYPES)[number]

/** Largest attachment, in bytes, before it is written as base64. */
export const MAX_ATTACHMENT_BYTES = 3_500_000

/** Most attachments of one input. */
export const MAX_ATTACHMENTS = 8

/** How files of each type begin. Sources: PNG 1.2, JFIF, GIF89a, the container of WebP. */
const BEGINNINGS: Record<ImageType, RegExp> = {
  'image/png': /^\x89PNG\r\n/,
  'image/jpeg': /^\xff\xd8\xff/,
  'image/gif': /^GIF8[79]a/,
  'image/webp': /^RIFF[\s\S]{4}WEBP/,
}
const LONGEST_BEGINNING = 12

/** What an image is by its first bytes, whatever its name says; undefined for all that is none of {@link IMAGE_TYPES}. */
export function imageTypeOf(data: Uint8Array): ImageType | undefined {
  const beginning = String.fromCharCode(...data.subarray(0, LONGEST_BEGINNING))
  return IMAGE_TYPES.find((type) => BEGINNINGS[type].test(beginning))
}
