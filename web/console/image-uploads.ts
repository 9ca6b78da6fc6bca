import type { ReactiveController, ReactiveControllerHost } from 'lit'
import type { AttachmentView } from '#shared/protocol/attachment.ts'
import { MAX_ATTACHMENT_BYTES, MAX_ATTACHMENTS } from '#shared/protocol/image-type.ts'
import type { HttpCaller } from '../client/http.ts'
import type { QuestionImage } from './question.ts'
import { type ReadImage, type Refusal, readImage } from './read-image.ts'

/** An image on its way to the server, or there. */
export interface Upload {
  readonly name: string
  readonly address: string
  /** Once the server has it. */
  attachmentId?: string
  /** Why the server does not have it. */
  error?: unknown
}

type Sendable = Extract<ReadImage, { outcome: 'read' }>

const REASONS: Record<Refusal, string> = {
  file_too_large: `larger than ${MAX_ATTACHMENT_BYTES / 1_000_000} MB`,
  unsupported_type: 'no image that models look at',
  unreadable_file: 'cannot be read',
  too_many_files: `beyond the ${MAX_ATTACHMENTS} images of one question`,
}
/** Most names of files in one message. */
const MAX_NAMES = 3

/**
 * Images of the question that is being written. Each is sent as soon as it is given, one after the other: a slow line brings one of them sooner than
 * all of them. All is given up when the element goes.
 */
export class ImageUploads implements ReactiveController {
  items: readonly Upload[] = []
  /** What was not taken of the files that were given last: an error for each reason. */
  refused: readonly { code: Refusal; detail: string }[] = []
  #host: ReactiveControllerHost
  #api: () => HttpCaller
  #ways = new Map<Upload, { image: Sendable; removed: AbortController }>()
  #leaving = new AbortController()
  #last = Promise.resolve()

  /** @param api - the caller's, as it is when something is sent */
  constructor(host: ReactiveControllerHost, api: () => HttpCaller) {
    this.#host = host
    this.#api = api
    host.addController(this)
  }

  hostConnected(): void {
    this.#leaving = new AbortController()
  }

  hostDisconnected(): void {
    this.#leaving.abort()
  }

  /** Images that the server does not have yet, and may have soon. */
  get underWay(): readonly Upload[] {
    return this.items.filter(({ attachmentId, error }) => attachmentId === undefined && error === undefined)
  }

  /** Images that the server did not take. */
  get failed(): readonly Upload[] {
    return this.items.filter(({ error }) => error !== undefined)
  }

  async add(files: readonly File[]): Promise<void> {
    const refused: { code: Refusal; name: string }[] = []
    for (const file of files) {
      const code = this.#isFull ? 'too_many_files' : await this.#take(file)
      if (code) refused.push({ code, name: file.name })
    }
    const reasons = Map.groupBy(refused, ({ code }) => code)
    this.refused = [...reasons].map(([code, those]) => ({ code, detail: `${listOf(those)}: ${REASONS[code]}` }))
    this.#show()
  }

  /** Sends what failed once more. */
  retry(): void {
    for (const upload of this.failed) this.#send(upload)
  }

  remove(upload: Upload): void {
    this.#ways.get(upload)?.removed.abort()
    this.#ways.delete(upload)
    this.refused = []
    this.#show(this.items.filter((other) => other !== upload))
  }

  /** The images for the question that is sent now; there are none any more afterwards. */
  handOver(): QuestionImage[] {
    const images = this.items.flatMap(({ attachmentId, name, address }) =>
      attachmentId === undefined ? [] : [{ attachmentId, name, address }],
    )
    this.#ways.clear()
    this.refused = []
    this.#show([])
    return images
  }

  get #isFull(): boolean {
    return this.items.length >= MAX_ATTACHMENTS
  }

  /** @returns why it was not taken. Others may have been while it was read. */
  async #take(file: File): Promise<Refusal | undefined> {
    const image = await readImage(file)
    if (image.outcome === 'refused') return image.code
    if (this.#isFull) return 'too_many_files'
    const upload: Upload = { name: file.name, address: image.address }
    this.#ways.set(upload, { image, removed: new AbortController() })
    this.#show([...this.items, upload])
    this.#send(upload)
    return undefined
  }

  #send(upload: Upload): void {
    delete upload.error
    this.#last = this.#last.then(() => this.#attempt(upload))
    this.#show()
  }

  async #attempt(upload: Upload): Promise<void> {
    const way = this.#ways.get(upload)
    if (!way) return
    const { mediaType, data } = way.image
    const signal = AbortSignal.any([way.removed.signal, this.#leaving.signal])
    try {
      const call = { method: 'POST', body: { mediaType, data }, signal } as const
      upload.attachmentId = (await this.#api()<AttachmentView>('/v1/attachments', call)).attachmentId
    } catch (error) {
      if (!signal.aborted) upload.error = error
    }
    this.#show()
  }

  /** Always another list: elements look at what is new. */
  #show(items: readonly Upload[] = [...this.items]): void {
    this.items = items
    this.#host.requestUpdate()
  }
}

/** The first names, and how many there are besides. */
function listOf(files: readonly { name: string }[]): string {
  const shown = files.slice(0, MAX_NAMES).map(({ name }) => `“${name}”`)
  const more = files.length - shown.length
  return [...shown, ...(more > 0 ? [`${more} more`] : [])].join(', ')
}
