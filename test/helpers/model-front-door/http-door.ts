import type { IncomingMessage, ServerResponse } from 'node:http'
import { ERROR_STATUS } from '#shared/protocol/error-codes.ts'
import type { Defect } from './defects.ts'
import { executionBody, type GraphqlRequest, graphqlEvents, type Request } from './requests.ts'
import { answerStream } from './stream-door.ts'
import { accepted, type ModelWorld, Refused } from './world.ts'

/** Answers everything but sockets. */
export async function answerHttp(
  world: ModelWorld,
  defects: ReadonlySet<Defect>,
  incoming: IncomingMessage,
  response: ServerResponse,
) {
  const { pathname: path, searchParams: query } = new URL(incoming.url ?? '/', 'http://model')
  const body = Buffer.concat(await incoming.toArray()).toString()
  const request = { method: incoming.method ?? 'GET', path, query, headers: incoming.headers, body }
  try {
    if (path.startsWith('/streams/') || path.startsWith('/agent-stream/'))
      return await answerStream(world, defects, request, response)
    if (request.headers.authorization !== 'Bearer good') throw new Refused('unauthorized')
    const [status, json] = route(world, defects, request)
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json))
  } catch (error) {
    refuse(defects, response, error)
  }
}

function refuse(defects: ReadonlySet<Defect>, response: ServerResponse, error: unknown): void {
  const { code, message, path } = error instanceof Refused ? error : new Refused('internal', String(error))
  const status = ERROR_STATUS[code]
  const contentType = defects.has('plain errors') ? 'application/json' : 'application/problem+json'
  const errors = path === undefined || defects.has('no field is named') ? undefined : [{ path, message }]
  const problem = { type: `urn:sluice:error:${code}`, title: code, status, code, detail: message, errors }
  response.writeHead(status, { 'content-type': contentType }).end(JSON.stringify(problem))
}

function route(
  world: ModelWorld,
  defects: ReadonlySet<Defect>,
  { method, path, query, headers, body }: Request,
): [number, unknown] {
  const [, , collection, id = '', part] = path.split('/')
  const after = Number(query.get('after') ?? -1)
  const call = `${method} ${collection}${part === undefined ? '' : `/${part}`}`
  switch (call) {
    case 'POST tickets':
      return [201, { ticket: world.issue(), expiresAt: '2026-11-21T09:31:00.000Z' }]
    case 'GET agents':
      throw new Refused('not_found')
    case 'POST executions':
      return [202, accepted(world.start(executionBody(body), headers['idempotency-key']?.toString()))]
    case 'GET executions': {
      const { status, text } = world.find(id)
      return [200, { status, output: { text: defects.has('the text of a cancelled execution is lost') ? '' : text } }]
    }
    case 'GET executions/events': {
      const { log } = world.find(id)
      const events = log.events.slice(after + 1, after + 1 + Number(query.get('limit') ?? 1_000))
      const next = events.at(-1)?.sequence ?? after
      const complete = log.ended && next === log.events.length - 1
      return [200, { events, next: defects.has('pages overlap') && !complete ? next - 1 : next, complete }]
    }
    case 'POST topics/messages':
      return [202, { messageId: world.publish(id, JSON.parse(body)) }]
    case 'GET topics/events': {
      const events = world.topic(id).events.slice(after + 1)
      return [200, { events, next: events.at(-1)?.sequence ?? after }]
    }
  }
  if (path === '/realtime/broadcast') {
    if (!defects.has('broadcasts are lost')) world.broadcast(JSON.parse(body).data)
    return [202, { connections: 0 }]
  }
  if (path === '/graphql' && !defects.has('no GraphQL')) return [200, { data: page(world, JSON.parse(body)) }]
  throw new Refused(collection === 'executions' ? 'method_not_allowed' : 'not_found')
}

function page(world: ModelWorld, request: GraphqlRequest) {
  return { executionEvents: { nodes: graphqlEvents(world, request), complete: true } }
}
