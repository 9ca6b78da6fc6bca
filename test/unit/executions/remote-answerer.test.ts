import { afterEach, describe, expect, it } from 'vitest'
import type { Checkpoints } from '#shared/executions/answerer.ts'
import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import { remoteAnswerer } from '#shared/executions/remote-answerer.ts'
import { MAX_ANSWER_BYTES } from '#shared/protocol/limits.ts'
import { anExecution, aRemoteAgent } from '../../helpers/executions.ts'
import { type RemoteAgentOptions, type RunningRemoteAgent, startRemoteAgent } from '../../helpers/remote-agent.ts'
import { NEVER } from '../../helpers/worker.ts'

const services: RunningRemoteAgent[] = []
afterEach(() => {
  for (const service of services.splice(0)) service.stop()
})

async function start(options?: RemoteAgentOptions): Promise<RunningRemoteAgent> {
  const service = await startRemoteAgent(options)
  services.push(service)
  return service
}

type Ask = {
  endpoint: string
  record?: Partial<ExecutionRecord>
  allowPrivate?: boolean
  signal?: AbortSignal
  /** State that an earlier invocation left. */
  state?: unknown
  onSave?: () => void
}

/** Has a task answered, as an attempt does. */
async function answer({ endpoint, record, allowPrivate = true, signal = NEVER, state, onSave = () => undefined }: Ask) {
  const written: string[] = []
  const saved: unknown[] = []
  const checkpoints: Checkpoints = {
    state,
    async save(next) {
      saved.push(next)
      onSave()
    },
    suspend: () => expect.unreachable(),
  }
  const given = await remoteAnswerer({ allowPrivate })({
    agent: aRemoteAgent({ endpoint }),
    record: anExecution({ executionId: 'e-1', type: 'analyze', input: { question: 'Why?' }, ...record }),
    writer: { write: ({ data }) => written.push(data.text) },
    checkpoints,
    signal,
  })
  return { ...given, text: written.join(''), saved }
}

/** A service that answers each question how a task is like this. */
const whenAsked = (status: number, body: string, headers: Record<string, string> = {}): RemoteAgentOptions => ({
  instead(request, response) {
    if (request.method !== 'GET') return false
    response.writeHead(status, headers).end(body)
    return true
  },
})

describe('remoteAnswerer', () => {
  it('gives the task to the service and takes its result, as data and as text', async () => {
    const service = await start({ looks: 2 })

    const { data, text, stopReason, saved } = await answer({ endpoint: service.url })

    expect(service.submitted).toEqual([{ task_id: 'e-1', task_type: 'analyze', payload: { question: 'Why?' } }])
    expect(data).toEqual({ processed: true, input: { question: 'Why?' } })
    expect(JSON.parse(text)).toEqual(data)
    expect(stopReason).toBe('end')
    expect(service.asked).toEqual(['POST /tasks/submit', ...Array.from({ length: 3 }, () => 'GET /tasks/e-1')])
    expect(saved).toHaveLength(3)
  })

  it('says a result that is a text as it is', async () => {
    const service = await start({ looks: 0, end: () => ({ status: 'completed', result: 'Done.', error: null }) })

    expect(await answer({ endpoint: service.url })).toMatchObject({ data: 'Done.', text: 'Done.' })
  })

  it.each([
    { input: 'Why?', type: undefined, sent: { task_type: 'task', payload: { input: 'Why?' } } },
    { input: [1, 2], type: 'sum', sent: { task_type: 'sum', payload: { input: [1, 2] } } },
    { input: null, type: 'wake', sent: { task_type: 'wake', payload: { input: null } } },
  ])('makes a task of the input $input', async ({ input, type, sent }) => {
    const service = await start({ looks: 0 })

    await answer({ endpoint: service.url, record: { input, type } })

    expect(service.submitted).toEqual([{ task_id: 'e-1', ...sent }])
  })

  it.each(['', '/', '/agents/one', '/agents/one/'])('finds the tasks below the endpoint, whose path is "%s"', async (path) => {
    const service = await start({ looks: 0 })

    await answer({ endpoint: `${service.url}${path}` })

    const base = path.replace(/\/$/, '')
    expect(service.asked).toEqual([`POST ${base}/tasks/submit`, `GET ${base}/tasks/e-1`])
  })

  it('goes on asking for a task that was given away before', async () => {
    const service = await start({ looks: 1 })
    await answer({ endpoint: service.url })

    await answer({ endpoint: service.url, state: { submitted: true } })

    expect(service.submitted).toHaveLength(1)
  })

  it('gives the task away again when the service has forgotten it since', async () => {
    const service = await start({ looks: 0 })

    const { data } = await answer({ endpoint: service.url, state: { submitted: true } })

    expect(service.submitted).toHaveLength(1)
    expect(data).toMatchObject({ processed: true })
  })

  it('fails, and may try again, when the service forgets the task meanwhile', async () => {
    const service = await start({ looks: 5 })

    await expect(answer({ endpoint: service.url, onSave: service.forget })).rejects.toMatchObject({
      code: 'provider_error',
      retryable: true,
    })
  })

  it.each([
    { end: { status: 'failed', result: null, error: 'out of paper' }, message: 'the service says: out of paper' },
    { end: { status: 'failed', result: null, error: null }, message: 'the service says: the task failed' },
    { end: { status: 'cancelled', result: null, error: 'by hand' }, message: 'the service says: by hand' },
  ])('fails for good with a task that is $end.status', async ({ end, message }) => {
    const service = await start({ looks: 0, end: () => end })

    await expect(answer({ endpoint: service.url })).rejects.toMatchObject({ code: 'provider_error', retryable: false, message })
  })

  it('shows no more than a part of a long error', async () => {
    const service = await start({ looks: 0, end: () => ({ status: 'failed', result: null, error: 'x'.repeat(50_000) }) })

    const error = await answer({ endpoint: service.url }).catch((thrown: unknown) => thrown)

    expect(error).toMatchObject({ message: expect.stringMatching(/^.{1,1100}$/) })
  })

  it.each([
    { status: 500, code: 'provider_error', retryable: true },
    { status: 503, code: 'provider_error', retryable: true },
    { status: 429, code: 'provider_error', retryable: true },
    { status: 400, code: 'provider_error', retryable: false },
    { status: 401, code: 'authentication_error', retryable: false },
    { status: 403, code: 'authentication_error', retryable: false },
    { status: 302, code: 'provider_error', retryable: false },
  ])('fails with $code when the service answers $status', async ({ status, code, retryable }) => {
    const submitted = await start({ instead: (_request, response) => Boolean(response.writeHead(status).end()) })
    const asked = await start(whenAsked(status, ''))

    await expect(answer({ endpoint: submitted.url })).rejects.toMatchObject({ code, retryable })
    await expect(answer({ endpoint: asked.url })).rejects.toMatchObject({ code, retryable })
  })

  it.each(['', 'nonsense', '[]', '{}', '{"status":"done"}', '{"status":7}', 'null'])(
    'fails for good with the answer %j',
    async (body) => {
      const service = await start(whenAsked(200, body))

      await expect(answer({ endpoint: service.url })).rejects.toMatchObject({ code: 'provider_error', retryable: false })
    },
  )

  it('follows no redirect, wherever it leads', async () => {
    const inside = await start()
    const service = await start(whenAsked(302, '', { location: `${inside.url}/tasks/e-1` }))

    await expect(answer({ endpoint: service.url })).rejects.toMatchObject({ code: 'provider_error' })

    expect(inside.asked).toEqual([])
  })

  it('reads no answer that is too large to keep', async () => {
    const result = 'x'.repeat(MAX_ANSWER_BYTES * 2)
    const service = await start({ looks: 0, end: () => ({ status: 'completed', result, error: null }) })

    await expect(answer({ endpoint: service.url })).rejects.toMatchObject({ code: 'payload_too_large' })
  })

  it('says that nobody is there', async () => {
    const service = await start()
    service.stop()

    await expect(answer({ endpoint: service.url })).rejects.toMatchObject({ code: 'network_error', retryable: true })
  })

  it('asks no more once it was cancelled', async () => {
    const service = await start({ looks: 1_000 })
    const cancelled = new AbortController()
    const reason = new Error('cancelled')

    const asked = answer({ endpoint: service.url, signal: cancelled.signal, onSave: () => cancelled.abort(reason) })

    await expect(asked).rejects.toBe(reason)
    expect(service.asked).toEqual(['POST /tasks/submit'])
  })

  it.each([
    'https://127.0.0.1',
    'https://2130706433',
    'https://0x7f.1',
    'https://[::1]',
    'https://[::ffff:127.0.0.1]',
    'https://localhost',
    'https://169.254.169.254',
    'https://10.0.0.1',
    'https://[fd00:ec2::254]',
    'http://agents.example.com',
    'https://user:password@agents.example.com',
  ])('calls nothing at %s where private addresses are closed', async (host) => {
    const service = await start()
    const { port } = new URL(service.url)

    await expect(answer({ endpoint: `${host}:${port}`, allowPrivate: false })).rejects.toMatchObject({
      code: 'validation_error',
      retryable: false,
    })
    expect(service.asked).toEqual([])
  })
})
