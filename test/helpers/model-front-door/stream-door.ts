import type { ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { flatEvent } from '#shared/protocol/flat-event.ts'
import type { StreamEvent } from '#shared/protocol/stream-event.ts'
import { outcomeOf } from '../../conformance/whole-stream.ts'
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
  const [, , kind] = path.split('/')
  identify(world, defects, request)
  const gone = new AbortController()
  response.on('close', () => gone.abort())
  const write = (block: { id?: number; event?: string; data: unknown }) =>
    response.write(
      `${block.id === undefined ? '' : `id: ${block.id}\n`}event: ${block.event}\ndata: ${JSON.stringify(block.data)}\n\n`,
    )
  const type = query.get('type')
  const isWanted = (event: StreamEvent) =>
    event.type !== 'lifecycle' || type === null || event.data.type === type || defects.has('facts of all types')
  const send = (event: StreamEvent) =>
    isWanted(event) && write({ ...(!defects.has('no ids') && { id: event.sequence }), event: event.type, data: event })

  if (method === 'POST') {
    if (defects.has('no direct run')) throw new Refused('not_found')
    const run = world.start(executionBody(request.body))
    if (defects.has('runs end with their caller')) gone.signal.addEventListener('abort', () => run.stop.abort())
    open(response, defects)
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
  const log = logOf(world, path)
  const after = cursor ?? (kind === 'executions' || path.startsWith('/agent-stream/') ? -1 : log.events.length - 1)
  if (log.ended && after >= log.events.length - 1 && !defects.has('no 204')) {
    response.writeHead(204).end()
    return
  }
  open(response, defects)
  if (!defects.has('no comments')) void beat(response, gone.signal)
  const snapshot = query.get('snapshot') === 'true'
  if (snapshot) while (!log.ended) await pause(1)
  if (path.startsWith('/agent-stream/') && !defects.has('flat events have names')) {
    const run = world.find(path.split('/').at(-1) ?? '')
    for await (const events of log.follow(after, gone.signal))
      for (const event of events) {
        const data = flatEvent(event, outcomeOf(run.log.events))
        response.write(`id: ${event.sequence}\ndata: ${JSON.stringify(data)}\n\n`)
      }
    response.end()
    return
  }
  for await (const events of log.follow(after, gone.signal))
    for (const event of snapshot ? packed(events, defects) : events) send(event)
  if (!defects.has('ended streams hang')) response.end()
}

function open(response: ServerResponse, defects: ReadonlySet<Defect>): void {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
  response.write(defects.has('no retry') ? ': hello\n\n' : 'retry: 1000\n\n')
}

function logOf(world: ModelWorld, path: string): Log {
  if (path === '/streams/events') return world.facts
  const id = path.split('/').at(-1) ?? ''
  return path.startsWith('/streams/topics/') ? world.topic(id) : world.find(id).log
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
