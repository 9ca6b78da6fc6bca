import { Writable } from 'node:stream'
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context, LambdaFunctionURLEvent } from 'aws-lambda'
import { sleep } from '#shared/platform/clock.ts'
import { newId } from '#shared/platform/ids.ts'
import { unlessAborted } from '#shared/platform/unless-aborted.ts'
import type { ResponseHead, StreamingHandler } from '../../../functions/stream/streaming-handler.ts'
import type { Chaos } from './faults.ts'
import type { How, Way } from './losses.ts'
import type { Network } from './network.ts'

export type FrontDoorOptions = {
  chaos: Chaos
  networkOf(host: string): Network
  http(event: APIGatewayProxyEventV2, context: Context): Promise<APIGatewayProxyStructuredResultV2>
  stream: StreamingHandler
  /** Told when an event stream is lost, or begins to lose what is sent over it. */
  onLoss(way: Way, how: How): void
  /** Told when an event stream was answered, or a page of events, which is there since it was asked for. */
  onOpen(way: Way, since?: number): void
}

/** Time that a function behind the HTTP API has, in milliseconds. */
const INVOCATION_MS = 30_000

/** Writes the head of an event stream: the port `startResponse` of the function. */
export function startResponse(response: Writable, head: ResponseHead): Writable {
  if (!(response instanceof StreamedResponse)) throw new TypeError('this is no streamed response')
  response.head.resolve(head)
  return response
}

/** Takes the place of the browser's `fetch`: requests become events of the functions behind the front door. */
export function frontDoor({ chaos, networkOf, http, stream, onLoss, onOpen }: FrontDoorOptions): typeof fetch {
  const { random, odds, faults } = chaos

  function context(milliseconds: number): Context {
    const deadline = Date.now() + milliseconds
    return { awsRequestId: newId(), getRemainingTimeInMillis: () => deadline - Date.now() } as Context
  }

  async function answer(request: Request, network: Network): Promise<Response> {
    const body = await request.text()
    const askedAt = Date.now()
    await sleep(network.way())
    const { throttled, failed, unreachable, answerLost } = odds.http
    if (random.chance(unreachable)) return unreached('http_unreachable')
    if (random.chance(throttled)) return refused(429, 'http_429')
    if (random.chance(failed)) return refused(503, 'http_500')
    const result = await http(httpEvent(request, body), context(INVOCATION_MS))
    await sleep(network.way())
    if (random.chance(answerLost)) return unreached('http_answer_lost')
    const { statusCode, headers } = result
    const { host, pathname } = new URL(request.url)
    const executionId = executionOf(pathname)
    if (statusCode === 200 && executionId !== undefined && pathname.endsWith('/events')) onOpen({ host, executionId }, askedAt)
    const hasBody = statusCode !== 204 && result.body !== undefined
    return new Response(hasBody ? result.body : null, {
      status: Number(statusCode),
      headers: { ...headers } as Record<string, string>,
    })
  }

  function unreached(kind: 'http_unreachable' | 'http_answer_lost'): never {
    faults[kind] += 1
    throw new TypeError('fetch failed')
  }

  function refused(status: number, kind: 'http_429' | 'http_500' | 'stream_refused'): Response {
    faults[kind] += 1
    return new Response('{"message":"injected"}', { status, headers: { 'content-type': 'application/json' } })
  }

  async function openStream(request: Request, network: Network, signal: AbortSignal): Promise<Response> {
    const { host, pathname } = new URL(request.url)
    const executionId = executionOf(pathname)
    const body = await request.text()
    await sleep(network.way())
    if (!network.streams()) return refused(503, 'stream_refused')
    const response = new StreamedResponse(network, signal)
    const end = network.end()
    if (end)
      setTimeout(() => {
        if (response.closed || response.silent) return
        faults[end.how === 'cut' ? 'stream_cut' : 'stream_silent'] += 1
        onLoss({ host, executionId: executionId ?? response.accepted() }, end.how)
        response.lose(end.how)
      }, end.afterMs)
    // From time to time the function is about to end: it ends its streams in order.
    const lifeMs = 10_000 + random.below(200_000)
    stream(streamEvent(request, body), response, context(lifeMs)).catch(() => response.lose('cut'))
    const { statusCode, headers } = await response.head.promise
    await sleep(network.way())
    if (statusCode === 200 && executionId !== undefined) onOpen({ host, executionId })
    return new Response(response.readable, { status: statusCode, headers })
  }

  return async (input, init) => {
    const request = new Request(input, init)
    // The request's own signal follows this one only as long as somebody holds the request.
    const signal = init?.signal ?? new AbortController().signal
    const network = networkOf(new URL(request.url).host)
    const isStream = new URL(request.url).pathname.startsWith('/streams/')
    const response = isStream ? openStream(request, network, signal) : answer(request, network)
    return unlessAborted(response, signal)
  }
}

/** What the streaming function writes to, and the caller reads from, with the network between the two. */
class StreamedResponse extends Writable {
  readonly head = Promise.withResolvers<ResponseHead>()
  readonly readable: ReadableStream<Uint8Array>
  silent = false
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined
  #written = ''
  #lastArrival = 0
  readonly #network: Network

  constructor(network: Network, signal: AbortSignal) {
    super()
    this.#network = network
    this.readable = new ReadableStream({
      start: (controller) => {
        this.#controller = controller
      },
      cancel: () => this.#callerLeft(),
    })
    signal.addEventListener('abort', () => {
      this.#controller?.error(signal.reason)
      this.#callerLeft()
    })
    this.on('error', () => undefined)
  }

  lose(how: How): void {
    this.silent = true
    if (how === 'cut') this.#end((controller) => controller.error(new TypeError('terminated')))
    this.destroy()
  }

  /** Which execution the first words are about. */
  accepted(): string | undefined {
    return /"executionId":"([^"]+)"/.exec(this.#written)?.[1]
  }

  override _write(chunk: Buffer, _encoding: string, written: () => void): void {
    if (this.accepted() === undefined) this.#written += chunk.toString('utf8')
    this.#later(() => this.#controller?.enqueue(new Uint8Array(chunk)))
    written()
  }

  override _final(ended: () => void): void {
    this.#later(() => this.#end((controller) => controller.close()))
    ended()
  }

  #later(arrive: () => void): void {
    this.#lastArrival = Math.max(this.#lastArrival, Date.now() + this.#network.way())
    setTimeout(() => {
      if (!this.silent && this.#controller) arrive()
    }, this.#lastArrival - Date.now())
  }

  #end(finish: (controller: ReadableStreamDefaultController<Uint8Array>) => void): void {
    const controller = this.#controller
    this.#controller = undefined
    if (controller) finish(controller)
  }

  #callerLeft(): void {
    this.#controller = undefined
    this.silent = true
    this.destroy()
  }
}

const executionOf = (pathname: string): string | undefined => /\/executions\/([^/]+)/.exec(pathname)?.[1]

function requestContext(request: Request) {
  return { http: { method: request.method, path: new URL(request.url).pathname, sourceIp: '192.0.2.1' }, requestId: newId() }
}

const commonFields = (request: Request, body: string) => {
  const url = new URL(request.url)
  return {
    version: '2.0',
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    headers: Object.fromEntries(request.headers),
    ...(url.search && { queryStringParameters: Object.fromEntries(url.searchParams) }),
    ...(body !== '' && { body }),
    isBase64Encoded: false,
  }
}

const httpEvent = (request: Request, body: string): APIGatewayProxyEventV2 =>
  ({
    ...commonFields(request, body),
    routeKey: 'ANY /v1/{proxy+}',
    requestContext: requestContext(request),
  }) as APIGatewayProxyEventV2

const streamEvent = (request: Request, body: string): LambdaFunctionURLEvent =>
  ({ ...commonFields(request, body), routeKey: '$default', requestContext: requestContext(request) }) as LambdaFunctionURLEvent
