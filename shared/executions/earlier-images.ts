import type { Turn } from '#shared/conversations/conversation-store.ts'
import { withImageNotes } from '#shared/llm/image-note.ts'
import type { LlmMessage, LlmPart } from '#shared/llm/llm-provider.ts'
import type { AttachmentOwner, Attachments } from '#shared/messaging/attachments.ts'
import { NotFoundError } from '#shared/platform/errors.ts'
import { MAX_ATTACHMENTS } from '#shared/protocol/image-type.ts'

/**
 * Most bytes of images of one question and the turns before it: as base64 they stay below the 20 MB that the strictest vendor takes in a request.
 * Source: Google's page on inline image data.
 */
export const MAX_IMAGE_BYTES = 14_000_000

export type ImagePart = Extract<LlmPart, { type: 'image' }>

/** What came with the question itself. */
export type OwnImages = { ids: string[]; load(): Promise<ImagePart[]> }

/**
 * Earlier turns as the model is told them, with their images: the newest of them, as many as the question leaves room for, each once. A note stands for any
 * other, and for one that is not kept any more.
 *
 * @param turns - the oldest first
 */
export async function historyOf(
  attachments: Attachments,
  owner: AttachmentOwner,
  turns: readonly Turn[],
  own: OwnImages,
): Promise<LlmMessage[]> {
  const shown = await newestImages(attachments, owner, turns, own)
  return turns
    .toReversed()
    .map((turn) => messageOf(turn, shown))
    .toReversed()
}

/** The text of a turn, with a note for each of its images. */
export const textOfTurn = ({ content, attachments = [] }: Turn): string => withImageNotes(content, attachments.length)

/** Images by their ids, the newest first. */
async function newestImages(
  attachments: Attachments,
  owner: AttachmentOwner,
  turns: readonly Turn[],
  own: OwnImages,
): Promise<Map<string, ImagePart>> {
  const shown = new Map<string, ImagePart>()
  const named = new Set(turns.toReversed().flatMap((turn) => turn.attachments ?? []))
  const ids = [...named].filter((id) => !own.ids.includes(id)).slice(0, MAX_ATTACHMENTS - own.ids.length)
  if (ids.length === 0) return shown
  const ownImages = await own.load()
  let bytes = ownImages.reduce((sum, { data }) => sum + data.byteLength, 0)
  const loaded = await Promise.all(ids.map(async (id) => ({ id, image: await keptImage(attachments, owner, id) })))
  for (const { id, image } of loaded) {
    if (!image) continue
    bytes += image.data.byteLength
    if (bytes > MAX_IMAGE_BYTES) break
    shown.set(id, image)
  }
  return shown
}

/** Images are kept for a shorter time than what was said about them. */
async function keptImage(attachments: Attachments, owner: AttachmentOwner, id: string): Promise<ImagePart | undefined> {
  try {
    return { type: 'image', ...(await attachments.get(owner, id)) }
  } catch (error) {
    if (error instanceof NotFoundError) return undefined
    throw error
  }
}

/** @param left - what is used is taken out of it, so that an older turn with the same image has a note */
function messageOf({ role, content, attachments = [] }: Turn, left: Map<string, ImagePart>): LlmMessage {
  if (role === 'assistant') return { role, content }
  const images = attachments.flatMap((id) => {
    const image = left.get(id)
    left.delete(id)
    return image ?? []
  })
  const text = withImageNotes(content, attachments.length - images.length)
  return { role, content: images.length === 0 ? text : [{ type: 'text', text }, ...images] }
}
