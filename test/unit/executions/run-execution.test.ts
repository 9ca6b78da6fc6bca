import { describe, expect, it, vi } from 'vitest'
import { memoryAgentStore } from '#shared/agents/memory-agent-store.ts'
import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import { memoryExecutionStore } from '#shared/executions/memory-execution-store.ts'
import { type RunDependencies, runExecution } from '#shared/executions/run-execution.ts'
import type { LlmEvent } from '#shared/llm/llm-provider.ts'
import { type LlmScript, memoryLlmProviders } from '#shared/llm/memory-llm-providers.ts'
import { ProviderError } from '#shared/llm/provider-error.ts'
import { systemClock } from '#shared/platform/clock.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import { memoryLog } from '#shared/platform/log.ts'
import { executionChannel } from '#shared/protocol/channel.ts'
import type { ExecutionEvent, StreamEvent } from '#shared/protocol/stream-event.ts'
import { isTerminalEvent } from '#shared/protocol/terminal-events.ts'
import { memoryConnectionPoster } from '#shared/streams/memory-connection-poster.ts'
import { memoryStreamLog } from '#shared/streams/memory-stream-log.ts'
import { memorySubscriptionStore } from '#shared/streams/memory-subscription-store.ts'
import { StreamText, textDigest } from '#shared/streams/stream-text.ts'
import { subscribe } from '#shared/streams/subscribe.ts'
import { anAgent, anExecution } from '../../helpers/executions.ts'

const words: LlmScript = async function* (): AsyncGenerator<LlmEvent> {
  for (const text of ['A ', 'gate ', 'for ', 'water.']) yield { type: 'text', text }
  yield { type: 'usage', inputTokens: 5, outputTokens: 4 }
  yield { type: 'stop', reason: 'end' }
}

const failing = (error: Error, times: number): LlmScript =>
  async function* (request, call, signal) {
    yield { type: 'text', text: `half of answer ${call} ` }
    if (call <= times) throw error
    yield* words(request, call, signal)
  }

const providerError = (code: 'rate_limit' | 'authentication_error') => new ProviderError(code, code, { provider: 'scripted' })

async function setUp(script: LlmScript, overrides: Partial<RunDependencies> = {}) {
  const log = memoryStreamLog()
  const subscriptions = memorySubscriptionStore(log)
  const agents = memoryAgentStore()
  const poster = memoryConnectionPoster()
  const providers = memoryLlmProviders(script)
  const logger = memoryLog()
  const dependencies = {
    executions: memoryExecutionStore(log),
    agents,
    providers,
    log,
    subscriptions,
    poster,
    clock: systemClock,
    logger,
    executionTimeoutMs: 10_000,
    ...overrides,
  }
  const record = anExecution()
  await agents.create(record.tenant, anAgent())
  await dependencies.executions.create(record, 0)
  const ref = { tenant: record.tenant, channel: executionChannel(record.executionId) }
  const events = async (): Promise<ExecutionEvent[]> => (await log.read(ref, -1)) as ExecutionEvent[]
  const stored = async (): Promise<ExecutionRecord | undefined> => dependencies.executions.get(record)
  return { dependencies, record, ref, events, stored, poster, providers, logger }
}

/** The promises that every stream keeps, whatever happened on the way. */
function expectWhole(events: StreamEvent[], record: ExecutionRecord | undefined): void {
  expect(events.map((event) => event.sequence)).toEqual(events.map((_, index) => index))
  expect(events.filter(isTerminalEvent)).toEqual([events.at(-1)])
  const text = new StreamText()
  for (const event of events) text.apply(event)
  expect(events.at(-1)?.data).toMatchObject({ events: events.length, sha256: textDigest(text.text) })
  expect(record?.output?.text).toBe(text.text)
}

describe('runExecution', () => {
  it('streams an answer and ends with the proof of it', async () => {
    const { dependencies, record, events, stored } = await setUp(words)

    expect(await runExecution(dependencies, record)).toBe('ended')

    const stream = await events()
    expectWhole(stream, await stored())
    expect(stream[0]).toMatchObject({ type: 'started', data: { provider: 'scripted' }, attempt: 1 })
    expect(await stored()).toMatchObject({
      status: 'completed',
      output: { text: 'A gate for water.' },
      usage: { inputTokens: 5, outputTokens: 4 },
    })
  })

  it('runs once when the message is delivered twice at the same time', async () => {
    const { dependencies, record, events, stored, providers, logger } = await setUp(words)

    const results = await Promise.all([runExecution(dependencies, record), runExecution(dependencies, record)])

    expect(results.sort()).toEqual(['duplicate', 'ended'])
    expect(providers.calls).toHaveLength(1)
    expectWhole(await events(), await stored())
    expect(logger.lines.map((line) => line.code)).toContain('execution_duplicate')
  })

  it('posts the end again when the message comes after it', async () => {
    const { dependencies, record, ref, events, poster } = await setUp(words)
    const subscription = { connectionId: 'c1', subscriptionId: 's1' }
    await subscribe(dependencies, { ref, subscription, signal: new AbortController().signal })
    const deaf = { ...dependencies, poster: memoryConnectionPoster(() => ({ status: 'failed', error: 'down' })) }
    vi.spyOn(AbortSignal, 'timeout').mockReturnValue(AbortSignal.abort())
    await runExecution(deaf, record).catch(() => undefined)
    vi.restoreAllMocks()
    const last = (await events()).at(-1)

    expect(await runExecution(dependencies, record)).toBe('duplicate')

    const received = poster
      .framesOf('c1')
      .flatMap((frame) => (frame.message_type === 'realtime_event' ? frame.payload.events : []))
    expect(received.at(-1)).toEqual(last)
  })

  it('tries again after a failure that may pass, and takes the first words back', async () => {
    const { dependencies, record, events, stored, logger } = await setUp(failing(providerError('rate_limit'), 1))

    await runExecution(dependencies, record)

    const stream = await events()
    expectWhole(stream, await stored())
    expect(stream.find((event) => event.type === 'retrying')).toMatchObject({
      attempt: 2,
      data: { code: 'rate_limit', attempt: 2, resumeFrom: -1 },
    })
    expect(await stored()).toMatchObject({
      status: 'completed',
      attempt: 2,
      output: { text: 'half of answer 2 A gate for water.' },
    })
    expect(logger.lines.map((line) => line.code)).toContain('execution_retrying')
  })

  it('never repeats a permanent failure, and keeps the text so far', async () => {
    const { dependencies, record, events, stored, providers } = await setUp(failing(providerError('authentication_error'), 9))

    await runExecution(dependencies, record)

    expect(providers.calls).toHaveLength(1)
    expectWhole(await events(), await stored())
    expect(await stored()).toMatchObject({ status: 'failed', error: { code: 'authentication_error' } })
  })

  it('fails after the last attempt', async () => {
    const { dependencies, record, events, stored, providers } = await setUp(failing(providerError('rate_limit'), 9))

    await runExecution(dependencies, record)

    expect(providers.calls).toHaveLength(3)
    expectWhole(await events(), await stored())
    expect(await stored()).toMatchObject({ status: 'failed', attempt: 3, error: { code: 'rate_limit' } })
  }, 10_000)

  it('ends as timed out, aborts the call, and keeps the text so far', async () => {
    let aborted = false
    const { dependencies, record, events, stored } = await setUp(
      async function* (_request, _call, signal) {
        yield { type: 'text', text: 'Once ' }
        await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))).catch((error) => {
          aborted = true
          throw error
        })
      },
      { executionTimeoutMs: 50 },
    )

    await runExecution(dependencies, record)

    expect(aborted).toBe(true)
    expectWhole(await events(), await stored())
    expect(await stored()).toMatchObject({ status: 'timed_out', error: { code: 'timeout' }, output: { text: 'Once ' } })
  })

  it('takes over from a worker that was killed in mid-stream, and keeps its late writes out', async () => {
    const killed = Promise.withResolvers<void>()
    const { dependencies, record, ref, events, stored } = await setUp(words)
    const frozen = memoryLlmProviders(async function* () {
      yield { type: 'text', text: 'I was writing ' }
      await killed.promise
      yield { type: 'text', text: 'from the grave' }
      yield { type: 'stop', reason: 'end' }
    })
    const zombie = runExecution({ ...dependencies, providers: frozen }, record)
    await vi.waitFor(async () => expect(await events()).toHaveLength(2))
    const later = { now: () => Date.now() + 31_000 }

    expect(await runExecution({ ...dependencies, clock: later }, record)).toBe('ended')
    killed.resolve()

    expect(await zombie).toBe('lost')
    const stream = await events()
    expectWhole(stream, await stored())
    expect(stream.find((event) => event.type === 'retrying')).toMatchObject({ attempt: 2, data: { resumeFrom: -1 } })
    expect(await stored()).toMatchObject({ status: 'completed', attempt: 2, output: { text: 'A gate for water.' } })
    expect(await dependencies.log.lastSequence(ref)).toBe(stream.length - 1)
  })

  it('stays completed when the table is busy at the end, or its answer is lost', async () => {
    const { dependencies, record, events, stored } = await setUp(words)
    const { executions } = dependencies
    let calls = 0
    const flaky = {
      ...executions,
      end: async (...ending: Parameters<typeof executions.end>) => {
        calls += 1
        if (calls === 1) throw new SluiceError('unavailable', 'the tables are busy')
        const result = await executions.end(...ending)
        if (calls === 2) throw new SluiceError('unavailable', 'the answer was lost')
        return result
      },
    }

    expect(await runExecution({ ...dependencies, executions: flaky }, record)).toBe('ended')

    expect(calls).toBe(3)
    expectWhole(await events(), await stored())
    expect(await stored()).toMatchObject({ status: 'completed' })
  })

  it('leaves the last frames to the next delivery when the viewers cannot be read', async () => {
    const { dependencies, record, stored } = await setUp(words)
    const headVersion = async (_ref: unknown, isolated?: boolean): Promise<number> => {
      if (isolated) throw new Error('throttled')
      return 0
    }
    const blind = { ...dependencies, subscriptions: { ...dependencies.subscriptions, headVersion } }

    await expect(runExecution(blind, record)).rejects.toThrow('throttled')

    expect(await stored()).toMatchObject({ status: 'completed' })
    expect(await runExecution(dependencies, record)).toBe('duplicate')
  })

  it('tries again even when its lease cannot be renewed at once', async () => {
    const { dependencies, record, stored } = await setUp(failing(providerError('rate_limit'), 1))
    const renew = async (): Promise<never> => {
      throw new Error('throttled')
    }

    await runExecution({ ...dependencies, executions: { ...dependencies.executions, renew } }, record)

    expect(await stored()).toMatchObject({ status: 'completed' })
  })

  it('logs an internal error, and what it was', async () => {
    const cause = new TypeError('what it was')
    const { dependencies, record, logger } = await setUp(failing(cause, 9))

    await runExecution(dependencies, record)

    expect(logger.lines).toContainEqual(
      expect.objectContaining({
        level: 'error',
        code: 'execution_failed',
        fields: expect.objectContaining({ error: expect.objectContaining({ cause }) }),
      }),
    )
  })

  it('fails when the agent is gone', async () => {
    const { dependencies, record, events, stored } = await setUp(words, { agents: memoryAgentStore() })

    await runExecution(dependencies, record)

    expectWhole(await events(), await stored())
    expect(await stored()).toMatchObject({ status: 'failed', error: { code: 'not_found' } })
  })

  it('never shows an internal error to callers', async () => {
    const { dependencies, record, stored } = await setUp(failing(new TypeError('secret detail'), 9))

    await runExecution(dependencies, record)

    expect(JSON.stringify(await stored())).not.toContain('secret detail')
    expect(await stored()).toMatchObject({ status: 'failed', error: { code: 'internal' } })
  })

  it('refuses a message about an execution that does not exist', async () => {
    const { dependencies } = await setUp(words)

    await expect(runExecution(dependencies, anExecution())).rejects.toMatchObject({ code: 'not_found' })
  })

  it('is not slowed by a viewer that cannot be reached', async () => {
    const { dependencies, record, ref, events, stored } = await setUp(words, {
      poster: memoryConnectionPoster((connectionId) => ({ status: connectionId === 'gone' ? 'gone' : 'sent' })),
    })
    const never = new AbortController().signal
    await dependencies.subscriptions.beginReplay(ref, { connectionId: 'gone', subscriptionId: 's1' })
    await dependencies.subscriptions.goLive(ref, { connectionId: 'gone', subscriptionId: 's1' }, -1)
    await subscribe(dependencies, { ref, subscription: { connectionId: 'here', subscriptionId: 's2' }, signal: never })

    await runExecution(dependencies, record)

    expectWhole(await events(), await stored())
    expect((await dependencies.subscriptions.listLive(ref)).map((live) => live.connectionId)).toEqual(['here'])
  })
})
