import { describe, expect, it } from 'vitest'
import type { Turn } from '#shared/conversations/conversation-store.ts'
import { historyOf, type ImagePart, MAX_IMAGE_BYTES } from '#shared/executions/earlier-images.ts'
import { messageText } from '#shared/llm/message-text.ts'
import type { Attachments } from '#shared/messaging/attachments.ts'
import { NotFoundError } from '#shared/platform/errors.ts'
import { MAX_ATTACHMENTS } from '#shared/protocol/image-type.ts'

const OWNER = { tenant: 'acme', source: '/principals/ada' }
const AT = '2026-11-21T09:30:00.000Z'

const picture = (bytes = 1): ImagePart => ({ type: 'image', mediaType: 'image/png', data: new Uint8Array(bytes) })

/** A store of pictures by their ids, which counts what it is asked for. */
function storeOf(pictures: Record<string, ImagePart>) {
  const asked: string[] = []
  const attachments: Pick<Attachments, 'get'> = {
    async get(_owner, id) {
      asked.push(id)
      const found = pictures[id]
      if (!found) throw new NotFoundError('attachment', id)
      const { type: _, ...attachment } = found
      return attachment
    },
  }
  return { asked, attachments: { ...attachments, put: async () => expect.unreachable() } }
}

/** Each turn is a question with its pictures, the oldest first. */
const turnsOf = (...ids: string[][]): Turn[] =>
  ids.map((attachments, place) => ({ place: String(place), role: 'user', content: `question ${place}`, at: AT, attachments }))

const nothing = { ids: [], load: async () => [] }

/** Text and number of pictures of each turn. */
const seen = (history: Awaited<ReturnType<typeof historyOf>>): [string, number][] =>
  history.map((message) => [
    messageText(message),
    typeof message.content === 'string' ? 0 : message.content.filter(({ type }) => type === 'image').length,
  ])

describe('historyOf', () => {
  it('shows the newest images, as many as fit beside those of the question, and a note for each other', async () => {
    const ids = Array.from({ length: MAX_ATTACHMENTS }, (_, place) => `i${place}`)
    const { attachments, asked } = storeOf(Object.fromEntries(ids.map((id) => [id, picture()])))
    const own = { ids: ['own'], load: async () => [picture()] }

    const history = await historyOf(attachments, OWNER, turnsOf(ids.slice(0, 2), ids.slice(2)), own)

    expect(seen(history)).toEqual([
      ['question 0\n\n[image]', 1],
      ['question 1', 6],
    ])
    expect(asked).toHaveLength(MAX_ATTACHMENTS - 1)
  })

  it('stops at the bytes that a request takes, those of the question among them', async () => {
    const half = picture(MAX_IMAGE_BYTES / 2)
    const { attachments } = storeOf({ old: picture(), middle: half, latest: half })
    const turns = turnsOf(['old'], ['middle'], ['latest'])

    expect(seen(await historyOf(attachments, OWNER, turns, nothing)).map(([, images]) => images)).toEqual([0, 1, 1])
    const own = { ids: ['own'], load: async () => [picture()] }
    expect(seen(await historyOf(attachments, OWNER, turns, own)).map(([, images]) => images)).toEqual([0, 0, 1])
  })

  it('shows an image once, where it was named last, and not that of the question again', async () => {
    const { attachments, asked } = storeOf({ a: picture(), b: picture() })
    const own = { ids: ['b'], load: async () => [picture()] }

    const history = await historyOf(attachments, OWNER, turnsOf(['a', 'b'], ['a']), own)

    expect(seen(history)).toEqual([
      ['question 0\n\n[image] [image]', 0],
      ['question 1', 1],
    ])
    expect(asked).toEqual(['a'])
  })

  it('has a note for an image that is not kept any more, and fails where it cannot be read now', async () => {
    const { attachments } = storeOf({})
    const out = { ...attachments, get: async () => Promise.reject(new Error('the bucket is out')) }

    expect(seen(await historyOf(attachments, OWNER, turnsOf(['gone']), nothing))).toEqual([['question 0\n\n[image]', 0]])
    await expect(historyOf(out, OWNER, turnsOf(['a']), nothing)).rejects.toThrow('the bucket is out')
  })

  it('reads nothing where no turn had an image', async () => {
    const { attachments, asked } = storeOf({})
    const own = { ids: ['own'], load: async () => expect.unreachable() }

    const history = await historyOf(attachments, OWNER, [{ place: '0', role: 'assistant', content: 'Hi', at: AT }], own)

    expect(history).toEqual([{ role: 'assistant', content: 'Hi' }])
    expect(asked).toEqual([])
  })
})
