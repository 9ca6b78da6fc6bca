import type { ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import type { StreamEvent } from '#shared/protocol/stream-event.ts'
import type { Defect } from './defects.ts'
import type { Log } from './log.ts'
import { executionBody, type Request } from './requests.ts'
import { accepted, type ModelWorld, packed, Refused } from './world.ts'

const HEARTBEAT_MS = 20

/** Server-Sent Events of executions and topics, and direct runs. */
export async function answerStream(
  world: ModelWorld,
  defects: ReadonlySet<Defect>,
  request: Request,
  response: ServerResponse,
): Promise<void> {
  const { method, path, query, headers } = request
  const [, , kind, id] = path.split('/')
  identify(world, defects, request)
  const gone = new AbortController()
  response.on('close', () => gone.abort())
  const write = (block: { id?: number; event?: string; data: unknown }) =>
    response.write(
      `${block.id === undefined ? '' : `id: ${block.id}\n`}event: ${block.event}\ndata: ${JSON.stringify(block.data)}\n\n`,
    )
  const send = (event: StreamEvent) =>
    write({ ...(!defects.has('no ids') && { id: event.sequence }), event: event.type, data: event })

  if (method === 'POST') {
    if (defects.has('no direct run')) throw new Refused('not_found')
    const run = world.start(executionBody(request.body))
    if (defects.has('runs end with their caller')) gone.signal.addEventListener('abort', () => run.stop.abort())
    open(response)
    write({ event: 'accepted', data: accepted(run) })
    for await (const events of run.log.follow(-1, gone.signal)) {
      for (const event of events) {
        if (event.sequence === 3) {
          const text = defects.has('previews lie') ? 'A door' : 'A l'
          write({ ...(defects.has('previews are numbered') && { id: 3 }), event: 'preview', data: { text } })
        }
        send(event)
      }
    }
    response.end()
    return
  }

  const cursor = cursorOf(defects, headers['last-event-id']?.toString(), query.get('after') ?? undefined)
  const log: Log = kind === 'topics' ? world.topic(id ?? '') : world.find(id ?? '').log
  const after = cursor ?? (kind === 'topics' ? log.events.length - 1 : -1)
  open(response)
  if (!defects.has('no comments')) void beat(response, gone.signal)
  const snapshot = query.get('snapshot') === 'true'
  if (snapshot) while (!log.ended) await pause(1)
  for await (const events of log.follow(after, gone.signal))
    for (const event of snapshot ? packed(events, defects) : events) send(event)
  if (!defects.has('ended streams hang')) response.end()
}

function open(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
  response.write(': keep-alive\n\n')
}

async function beat(response: ServerResponse, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && !response.writableEnded) {
    await pause(HEARTBEAT_MS)
    if (!response.writableEnded) response.write(': keep-alive\n\n')
  }
}

function identify(world: ModelWorld, defects: ReadonlySet<Defect>, { path, query, headers }: Request): void {
  const authorization = headers['x-sluice-authorization']
  if (authorization === 'Bearer good' && !defects.has('no token on streams')) return
  world.redeem(headers['x-sluice-ticket']?.toString() ?? query.get('ticket') ?? '', path)
}

function cursorOf(defects: ReadonlySet<Defect>, lastEventId: string | undefined, after: string | undefined): number | undefined {
  const text = defects.has('after beats Last-Event-ID') ? (after ?? lastEventId) : (lastEventId ?? after)
  if (text === undefined) return undefined
  if (!/^(-1|\d+)$/.test(text)) throw new Refused('validation_error')
  return Number(text)
}
