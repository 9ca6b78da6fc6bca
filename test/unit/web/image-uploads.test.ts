// @vitest-environment happy-dom
import type { ReactiveControllerHost } from 'lit'
import { describe, expect, it } from 'vitest'
import { MAX_ATTACHMENT_BYTES, MAX_ATTACHMENTS } from '#shared/protocol/image-type.ts'
import type { HttpCall } from '../../../web/client/http.ts'
import { ImageUploads } from '../../../web/console/image-uploads.ts'

const PNG = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)
const BASE64 = 'iVBORw0KGgo='

const png = (name: string): File => new File([PNG], name, { type: 'text/html' })

/** A server that answers each image when the test says so. */
function uploadsTo() {
  const waiting: { call: HttpCall; answer(id: string): void; fail(error: unknown): void }[] = []
  const http = async <Answer>(_path: string, call: HttpCall = {}): Promise<Answer> => {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    call.signal?.addEventListener('abort', () => reject(call.signal?.reason))
    waiting.push({ call, answer: (attachmentId) => resolve({ attachmentId }), fail: reject })
    return (await promise) as Answer
  }
  const host: ReactiveControllerHost = {
    addController: () => undefined,
    removeController: () => undefined,
    requestUpdate: () => undefined,
    updateComplete: Promise.resolve(true),
  }
  const uploads = new ImageUploads(host, () => http)
  const next = async (count: number) => {
    await expect.poll(() => waiting.length).toBe(count)
    const call = waiting.at(-1)
    if (!call) throw new Error('nothing was sent')
    return call
  }
  return { uploads, waiting, next }
}

describe('images of a question', () => {
  it('are sent as what they are, one after the other', async () => {
    const { uploads, waiting, next } = uploadsTo()

    await uploads.add([png('one.png'), png('two.png')])
    const first = await next(1)
    expect(first.call.body).toEqual({ mediaType: 'image/png', data: BASE64 })
    expect(uploads.underWay).toHaveLength(2)
    first.answer('a1')
    ;(await next(2)).answer('a2')
    await expect.poll(() => uploads.underWay).toEqual([])

    const address = `data:image/png;base64,${BASE64}`
    expect(uploads.handOver()).toEqual([
      { attachmentId: 'a1', name: 'one.png', address },
      { attachmentId: 'a2', name: 'two.png', address },
    ])
    expect(uploads.items).toEqual([])
    expect(waiting).toHaveLength(2)
  })

  it('are refused with a reason for all that have it', async () => {
    const { uploads, waiting } = uploadsTo()
    const page = (name: string) => new File(['<svg/>'], name, { type: 'image/png' })
    const large = new File([PNG, new Uint8Array(MAX_ATTACHMENT_BYTES)], 'large.png')
    const folder = Object.assign(new File([], 'folder'), { arrayBuffer: () => Promise.reject(new Error('NotFoundError')) })

    await uploads.add([...['a', 'b', 'c', 'd', 'e'].map(page), large, folder])

    expect(uploads.refused).toEqual([
      { code: 'unsupported_type', detail: '“a”, “b”, “c”, 2 more: no image that models look at' },
      { code: 'file_too_large', detail: '“large.png”: larger than 3.5 MB' },
      { code: 'unreadable_file', detail: '“folder”: cannot be read' },
    ])
    expect({ items: uploads.items, waiting }).toEqual({ items: [], waiting: [] })
  })

  it('are as many as a question may have, also when they come from two sides', async () => {
    const { uploads } = uploadsTo()
    const files = Array.from({ length: MAX_ATTACHMENTS - 1 }, (_none, index) => png(`${index}.png`))

    await Promise.all([uploads.add(files), uploads.add(files)])

    expect(uploads.items).toHaveLength(MAX_ATTACHMENTS)
    expect(uploads.refused).toMatchObject([{ code: 'too_many_files' }])
  })

  it('can be sent again when the server did not take them', async () => {
    const { uploads, next } = uploadsTo()

    await uploads.add([png('one.png')])
    ;(await next(1)).fail(new Error('no'))
    await expect.poll(() => uploads.failed).toHaveLength(1)
    expect(uploads.underWay).toEqual([])
    uploads.retry()
    expect(uploads.failed).toEqual([])
    ;(await next(2)).answer('a1')

    await expect.poll(() => uploads.items).toMatchObject([{ attachmentId: 'a1' }])
  })

  it.each([
    ['while it is sent', 0],
    ['before it is sent', 1],
  ])('can be removed %s, and the others are sent', async (_, place) => {
    const { uploads, next } = uploadsTo()

    await uploads.add([png('one.png'), png('two.png')])
    const first = await next(1)
    const [removed, kept] = place === 0 ? uploads.items : uploads.items.toReversed()
    if (removed) uploads.remove(removed)
    if (place === 0) (await next(2)).answer('a2')
    else first.answer('a1')

    await expect.poll(() => uploads.underWay).toEqual([])
    expect(uploads.items).toEqual([kept])
    expect(first.call.signal?.aborted).toBe(place === 0)
  })

  it('are given up when the page goes', async () => {
    const { uploads, waiting, next } = uploadsTo()

    await uploads.add([png('one.png'), png('two.png')])
    const { call } = await next(1)
    uploads.hostDisconnected()

    expect(call.signal?.aborted).toBe(true)
    await expect.poll(() => waiting.every((each) => each.call.signal?.aborted)).toBe(true)
    expect(uploads.failed).toEqual([])
  })
})
