import { PassThrough, type Writable } from 'node:stream'
import type { LambdaFunctionURLEvent } from 'aws-lambda'
import { memoryAccess } from '#shared/access/memory-access.ts'
import { issueTicket } from '#shared/access/tickets.ts'
import { mintToken } from '#shared/access/token.ts'
import type { VerifiedPrincipal } from '#shared/access/verified-principal.ts'
import { createAuditor } from '#shared/audit/auditor.ts'
import { memoryAuditLog } from '#shared/audit/memory-audit-log.ts'
import type { Answerer } from '#shared/executions/answerer.ts'
import { type LimitSettings, memoryLimits } from '#shared/limits/memory-limits.ts'
import { artifactInput } from '#shared/messaging/artifact-input.ts'
import { memoryArtifactStore } from '#shared/messaging/memory-artifact-store.ts'
import type { Agent } from '#shared/protocol/agent.ts'
import { executionChannel } from '#shared/protocol/channel.ts'
import { SCOPES } from '#shared/protocol/scopes.ts'
import type { StreamEvent } from '#shared/protocol/stream-event.ts'
import { createHandler } from '../../functions/stream/create-handler.ts'
import type { RunStreamDependencies } from '../../functions/stream/run-stream.ts'
import type { ResponseHead } from '../../functions/stream/streaming-handler.ts'
import { ResponseStream } from '../../localstack/front-door/function-url/response-stream.ts'
import { answer } from './execution-events.ts'
import { aLease, anExecution } from './executions.ts'
import { byModel, type Scene, words, workerScene } from './worker.ts'

const TENANT = 'acme'
const SECRET = 'a-secret-of-at-least-thirty-two-characters'

export const FUNCTION_ARN = 'arn:aws:lambda:eu-central-1:123456789012:function:sluice-prod-stream'

export type StreamDoorRequest = {
  path?: string
  query?: Record<string, string>
  headers?: Record<string, string>
  method?: string
  body?: string
  isBase64Encoded?: boolean
  /** By which name the function is invoked. */
  functionArn?: string
  /** Milliseconds that the invocation has. */
  ms?: number
  /** Bytes that the caller's side takes before it reads. */
  highWaterMark?: number
}

export type StreamDoor = Awaited<ReturnType<typeof streamDoor>>

/** The function `stream` over memory, as one caller sees it. */
export async function streamDoor({
  agent,
  answerer = byModel(words),
  limits = {},
  corsOrigins = [],
  ...overrides
}: { agent?: Agent; answerer?: Answerer; limits?: LimitSettings; corsOrigins?: string[] } & Partial<RunStreamDependencies> = {}) {
  const scene: Scene = await workerScene(agent)
  const { log: streamLog, executions, clock, logger } = scene
  const artifacts = memoryArtifactStore()
  const heads: ResponseHead[] = []
  const startResponse = (response: Writable, head: ResponseHead): Writable => {
    heads.push(head)
    if (response instanceof ResponseStream) response.setMetadata(head)
    return response
  }
  const access = memoryAccess(SECRET, clock)
  const { tickets } = access
  const auditLog = memoryAuditLog()
  const audit = createAuditor({ auditLog, clock, log: logger })
  const { rateLimiter, quotas, gate } = memoryLimits(clock, logger, limits)
  const direct: RunStreamDependencies = {
    ...scene.dependencies,
    quotas,
    answerer,
    artifacts,
    loadInput: artifactInput(artifacts),
    allowPrivateCallbacks: false,
    ...overrides,
  }
  const handler = createHandler({
    ...access,
    streamLog,
    executions,
    logger,
    startResponse,
    audit,
    rateLimiter,
    corsOrigins,
    direct: async () => direct,
  })
  const ref = { tenant: TENANT, channel: executionChannel('e1') }

  const principalOf = (overridden: Partial<VerifiedPrincipal>): VerifiedPrincipal => ({
    subject: 'ann',
    tenant: TENANT,
    scopes: SCOPES,
    expiresAt: clock.now() + 60_000,
    ...overridden,
  })

  return {
    handler,
    scene,
    heads,
    auditLog,
    gate,
    logger,
    streamLog,
    tickets,
    artifacts,
    ref,
    ticket: async (principal: Partial<VerifiedPrincipal> = {}) =>
      (await issueTicket(principalOf(principal), { tickets, clock })).ticket,
    async bearer(principal: Partial<VerifiedPrincipal> = {}) {
      const { expiresAt, ...claims } = principalOf(principal)
      const expiresInSeconds = Math.ceil((expiresAt - clock.now()) / 1_000)
      return { 'x-sluice-authorization': `Bearer ${await mintToken({ ...claims, expiresInSeconds }, SECRET, clock)}` }
    },
    async withExecution(events = answer(['Hel', 'lo'])) {
      await executions.create(anExecution({ tenant: TENANT, executionId: 'e1' }), 0)
      for (const event of events) await streamLog.append(ref, [event])
    },
    async end() {
      const key = { tenant: TENANT, executionId: 'e1', agentId: 'assistant' }
      await executions.acquire(key, aLease('w', 0))
      const output = { text: 'Hello' }
      await executions.end(key, 1, {
        status: 'completed',
        output,
        events: answer(['Hello']).slice(2),
        endedAt: '2026-11-21T09:30:00Z',
      })
    },
    open(request: StreamDoorRequest) {
      const response = new PassThrough({ highWaterMark: request.highWaterMark })
      const context = {
        awsRequestId: 'req-1',
        getRemainingTimeInMillis: () => request.ms ?? 900_000,
        invokedFunctionArn: request.functionArn ?? FUNCTION_ARN,
      }
      const done = handler(functionUrlEvent(request), response, context)
      return { response, done }
    },
    async get(request: StreamDoorRequest) {
      const { response, done } = this.open(request)
      const text = await response.setEncoding('utf8').toArray()
      await done
      return { head: heads.at(-1), text: text.join('') }
    },
    /** Asks for an execution, which runs in the answer. */
    async run(
      body: unknown = { agentId: 'assistant', input: { content: 'What is a sluice?' } },
      request: StreamDoorRequest = {},
    ) {
      const token = request.headers?.['x-sluice-ticket'] === undefined ? await this.bearer() : {}
      const headers = { ...token, ...request.headers }
      return this.open({ path: '/streams/executions', method: 'POST', body: JSON.stringify(body), ...request, headers })
    },
  }
}

function functionUrlEvent({
  path = '/streams/executions/e1',
  query = {},
  headers = {},
  method = 'GET',
  body,
  isBase64Encoded = false,
}: StreamDoorRequest): LambdaFunctionURLEvent {
  const http = { method, path, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'test' }
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: new URLSearchParams(query).toString(),
    headers,
    queryStringParameters: query,
    isBase64Encoded,
    ...(body !== undefined && { body }),
    requestContext: {
      accountId: 'anonymous',
      apiId: 'url',
      domainName: 'url.test',
      domainPrefix: 'url',
      http,
      requestId: 'url-1',
      routeKey: '$default',
      stage: '$default',
      time: '21/Nov/2026:09:30:00 +0000',
      timeEpoch: 0,
    },
  }
}

export const idsOf = (text: string): string[] => [...text.matchAll(/^id: (.*)$/gm)].map(([, id = '']) => id)

/** The blocks of an answer with data: name, when it has one, and what stands in it. */
export function blocksOf(text: string): { name: string | undefined; data: unknown }[] {
  return text
    .split('\n\n')
    .filter((block) => /^data: /m.test(block))
    .map((block) => ({
      name: /^event: (.*)$/m.exec(block)?.[1],
      data: JSON.parse(/^data: (.*)$/m.exec(block)?.[1] ?? ''),
    }))
}

/** The numbered events of an answer. */
export const eventsOf = (text: string): StreamEvent[] =>
  blocksOf(text)
    .map(({ data }) => data as StreamEvent)
    .filter((data) => 'sequence' in data)

/** Reads until the text that came so far holds `needle`. */
export async function readUntil(response: PassThrough, needle: string): Promise<string> {
  let text = ''
  response.setEncoding('utf8')
  for await (const chunk of response.iterator({ destroyOnReturn: false })) {
    text += chunk
    if (text.includes(needle)) return text
  }
  throw new Error(`the stream ended without ${needle}: ${text}`)
}
