import * as z from 'zod'
import { must, shown } from './rule.ts'
import { type Arrivals, arrivals } from './waiting.ts'

export type StreamRequest = {
  method?: 'GET' | 'POST'
  query?: Record<string, string | number>
  headers?: Record<string, string>
  body?: unknown
}

/** One block of Server-Sent Events; a comment has no fields. */
export type Block = { id?: string; event?: string; data?: string; retry?: string; comment?: string }

export type EventStream = {
  status: number
  contentType: string
  blocks: Arrivals<Block>
  /** Waits until the server has ended the stream; gives the blocks that are events. */
  all(): Promise<Block[]>
  /** Body of a refusal. */
  json(): unknown
  cut(): void
}

const FIELD = z.enum(['id', 'event', 'data', 'retry'])

/** Reads Server-Sent Events by the letter of https://html.spec.whatwg.org/multipage/server-sent-events.html. */
export async function openEventStream(
  baseUrl: string,
  path: string,
  request: StreamRequest,
  signal: AbortSignal,
): Promise<EventStream> {
  const { method = 'GET', query = {}, headers = {}, body } = request
  const url = new URL(path, baseUrl)
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value))
  const connection = new AbortController()
  const text = body === undefined ? undefined : JSON.stringify(body)
  const response = await fetch(url, {
    method,
    headers: { accept: 'text/event-stream', ...(text !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(text !== undefined && { body: text }),
    signal: AbortSignal.any([signal, connection.signal]),
  })
  const blocks = arrivals<Block>(signal)
  const ended = arrivals<'ended'>(signal)
  const contentType = response.headers.get('content-type') ?? ''
  const refused = contentType.startsWith('text/event-stream') ? undefined : await response.json().catch(() => undefined)
  if (refused === undefined) void read(response, blocks).finally(() => ended.add('ended'))
  return {
    status: response.status,
    contentType,
    blocks,
    async all() {
      await ended.until('the end of the stream', ([end]) => end)
      return blocks.items.filter(({ data }) => data !== undefined)
    },
    json: () => refused,
    cut: () => connection.abort(),
  }
}

async function read(response: Response, blocks: Arrivals<Block>): Promise<void> {
  let rest = ''
  try {
    for await (const piece of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      const parts = (rest + piece).split('\n\n')
      rest = parts.pop() ?? ''
      for (const part of parts) blocks.add(blockOf(part))
    }
    blocks.end(rest === '' ? 'the stream ended' : `the stream ended within a block: ${shown(rest)}`)
  } catch (error) {
    blocks.end(error instanceof Error ? error.message : String(error))
  }
}

function blockOf(text: string): Block {
  const block: Block = {}
  for (const line of text.split('\n')) {
    const [, name = '', value = ''] = /^([a-z]*): ?(.*)$/s.exec(line) ?? []
    if (name === '' && line.startsWith(':')) block.comment = value
    else {
      const field = FIELD.safeParse(name)
      must(field.success, `${shown(line)} is no line of Server-Sent Events`)
      block[field.data] = field.data === 'data' && block.data !== undefined ? `${block.data}\n${value}` : value
    }
  }
  return block
}
