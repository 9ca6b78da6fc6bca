import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { SluiceError } from '#shared/platform/errors.ts'
import { MAX_ANSWER_BYTES, MAX_CHECKPOINT_BYTES } from '#shared/protocol/limits.ts'
import type { AgentContext } from '#shared/runtime/agent-context.ts'
import { defineAgent } from '#shared/runtime/define-agent.ts'
import { agentWorld, runAgent } from '#shared/runtime/testing.ts'

const agentOf = (handle: (input: unknown, context: AgentContext) => unknown, more: object = {}) =>
  defineAgent({ id: 'tried', handle, ...more })

/** An error that another attempt may help. */
const passing = (message = 'try again'): SluiceError => new SluiceError('unavailable', message)

describe('what an agent returns', () => {
  it.each([[{ a: [1, null] }], ['text'], [null], [0], [undefined]])('is the data of the output: %j', async (data) => {
    expect(
      await runAgent(
        agentOf(() => data),
        'x',
      ),
    ).toMatchObject({ status: 'completed', text: '', data })
  })

  it.each([
    ['a date', { when: new Date() }],
    ['a function', { call: () => 1 }],
    ['no number', { value: Number.NaN }],
  ])('is refused when it is no JSON: %s', async (_, data) => {
    const run = await runAgent(
      agentOf(() => data),
      'x',
    )

    expect(run).toMatchObject({ status: 'failed', attempt: 1, error: { code: 'invalid_output' } })
  })

  it('fits a record together with its text', async () => {
    const half = 'x'.repeat(MAX_ANSWER_BYTES / 2)
    const run = await runAgent(
      agentOf(async (_, { stream }) => {
        await stream.write(half)
        return half
      }),
      'x',
    )

    expect(run).toMatchObject({ status: 'failed', error: { code: 'payload_too_large' } })
  })
})

describe('what an agent throws', () => {
  it('is hidden when it is not ours, and final', async () => {
    const run = await runAgent(
      agentOf(() => {
        throw new Error('password=secret')
      }),
      'x',
    )

    expect(run).toMatchObject({ status: 'failed', attempt: 1, error: { code: 'internal' } })
    expect(JSON.stringify(run)).not.toContain('secret')
  })

  it('makes another attempt when it says so itself', async () => {
    const run = await runAgent(
      agentOf(() => {
        throw Object.assign(new Error('flaky'), { retryable: true })
      }),
      'x',
    )

    expect(run).toMatchObject({ status: 'failed', attempt: 3, error: { code: 'internal' } })
  })

  it('takes its text back before the next attempt, and keeps what was used', async () => {
    const run = await runAgent(
      agentOf(
        async (_, { attempt, llm, stream }) => {
          for await (const delta of llm.stream({ prompt: 'x' })) await stream.write(`${attempt}:${delta} `)
          if (attempt === 1) throw passing()
        },
        { llm: { provider: 'scripted', model: 'answer' } },
      ),
      'x',
      { llm: ['a', 'b'] },
    )

    expect(run).toMatchObject({ status: 'completed', attempt: 2, text: '2:a 2:b ', usage: { inputTokens: 2, outputTokens: 4 } })
  })
})

describe('an attempt that is made again', () => {
  it('sends nothing twice', async () => {
    const world = agentWorld(
      agentOf(async (_, { attempt, publish }) => {
        await publish('first', { attempt })
        if (attempt === 1) throw passing()
        await publish('second', { attempt })
      }),
    )

    const { published } = await world.run('x')

    const ids = published.map(({ id, topic }) => `${topic} ${id}`)
    expect(ids).toHaveLength(3)
    expect(ids[0]).toBe(ids[1])
    expect(new Set(ids).size).toBe(2)
  })

  it('numbers on from its checkpoint, so that nothing new is taken for something old', async () => {
    const agent = agentOf(async (_, { attempt, checkpoint, publish }) => {
      if (checkpoint.state === undefined) {
        await publish('steps', 'one')
        await checkpoint.save({ done: 1 })
      }
      if (attempt === 1) throw passing()
      await publish('steps', 'two')
    })

    const { published } = await runAgent(agent, 'x')

    expect(published.map(({ data }) => data)).toEqual(['one', 'two'])
    expect(new Set(published.map(({ id }) => id)).size).toBe(2)
  })

  it('begins when everything that the one before began is done', async () => {
    const order: string[] = []
    const agent = agentOf(async (_, { attempt, conversation }) => {
      order.push(`attempt ${attempt}`)
      void conversation.append('user', 'x').then(() => order.push(`said in ${attempt}`))
      if (attempt === 1) throw passing()
    })

    await runAgent(agent, 'x')

    expect(order).toEqual(['attempt 1', 'said in 1', 'attempt 2', 'said in 2'])
  })
})

describe('work that nobody waited for', () => {
  it('is done before the execution ends', async () => {
    const run = await runAgent(
      agentOf((_, { publish, stream }) => {
        void stream.write('text')
        void publish('news', 'x')
      }),
      'x',
    )

    expect(run).toMatchObject({ status: 'completed', text: 'text', published: [{ topic: 'news' }] })
  })

  it('fails the execution when it fails', async () => {
    const run = await runAgent(
      agentOf((_, { stream }) => {
        void stream.write('x'.repeat(MAX_ANSWER_BYTES + 1))
      }),
      'x',
    )

    expect(run).toMatchObject({ status: 'failed', error: { code: 'payload_too_large' } })
  })
})

describe('an agent that is stopped', () => {
  it('ends with its time though it does not look at its signal, and writes and sends nothing afterwards', async () => {
    const late: unknown[] = []
    const goOn = Promise.withResolvers<void>()
    const agent = agentOf(async (_, { publish, stream }) => {
      await stream.write('in time')
      await goOn.promise
      await stream.write('too late').catch((error: unknown) => late.push(error))
      await publish('late', 'x').catch((error: unknown) => late.push(error))
    })

    const run = await runAgent(agent, 'x', { message: { timeoutSeconds: 1 } })
    goOn.resolve()
    await expect.poll(() => late).toHaveLength(2)

    expect(run).toMatchObject({ status: 'timed_out', text: 'in time', published: [] })
  })

  it('is told so by its signal and its deadline', async () => {
    let seen: Pick<AgentContext, 'deadline' | 'signal'> | undefined
    const before = Date.now()
    await runAgent(
      agentOf(async (_, { deadline, signal }) => {
        seen = { deadline, signal }
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
      }),
      'x',
      { message: { timeoutSeconds: 1 } },
    )

    expect(seen?.signal.aborted).toBe(true)
    expect(seen?.deadline.getTime()).toBeLessThanOrEqual(before + 10_000)
  })
})

describe('the context', () => {
  it('says where the work comes from', async () => {
    const message = {
      messageId: 'm-1',
      type: 'question',
      topic: 'questions',
      correlationId: 'c-1',
      replyTo: 'answers',
      conversationId: 'talk',
      priority: 7,
      depth: 2,
      rootId: 'e-0',
    }
    let seen: AgentContext | undefined

    await runAgent(
      agentOf((_, context) => {
        seen = context
      }),
      'x',
      { message: { ...message, executionId: 'e-1' } },
    )

    const { messageId, ...fields } = message
    expect(seen).toMatchObject({ agentId: 'tried', tenant: 'test', executionId: 'e-1', attempt: 1 })
    expect(seen?.message).toMatchObject({ id: messageId, source: '/principals/tester', ...fields })
  })

  it('has a model only when the agent has one', async () => {
    const run = await runAgent(
      agentOf(async (_, { llm }) => {
        for await (const _delta of llm.stream({ prompt: 'x' })) expect.unreachable()
      }),
      'x',
    )

    expect(run).toMatchObject({ status: 'failed', attempt: 1, error: { code: 'internal' } })
  })

  it('shows what a model thinks beside the answer', async () => {
    const agent = agentOf(
      async (_, { llm, stream }) => {
        for await (const delta of llm.stream({ prompt: 'x' })) await stream.write(delta)
      },
      { llm: { provider: 'scripted', model: 'thinking' } },
    )

    const run = await runAgent(agent, 'x', {
      llm: async function* () {
        yield { type: 'thinking', text: 'hm' }
        yield { type: 'text', text: 'yes' }
        yield { type: 'stop', reason: 'end' }
      },
    })

    expect(run).toMatchObject({ text: 'yes', status: 'completed' })
    expect(run.events.map(({ type }) => type)).toContain('thinking')
  })

  it('ends a call of the model with the signal of the call', async () => {
    const agent = agentOf(
      async (_, { llm, stream }) => {
        try {
          for await (const _delta of llm.stream({ prompt: 'x', signal: AbortSignal.abort(new Error('enough')) }))
            expect.unreachable()
        } catch (error) {
          await stream.write(String(error))
        }
      },
      { llm: { provider: 'scripted', model: 'answer' } },
    )

    expect(await runAgent(agent, 'x')).toMatchObject({ status: 'completed', text: 'Error: enough' })
  })

  it('logs with the ids of the execution, which the code cannot change', async () => {
    const world = agentWorld(agentOf((_, { logger }) => logger.warn('careful', { tenant: 'umbrella', ticket: 7 })))

    await world.run('x', { executionId: 'e-1' })

    expect(world.logs).toContainEqual({
      level: 'warn',
      code: 'agent_log',
      fields: { text: 'careful', ticket: 7, tenant: 'test', executionId: 'e-1', agentId: 'tried', attempt: 1 },
    })
  })

  it('keeps artifacts of agents and tenants apart', async () => {
    const world = agentWorld(
      agentOf(async (_, { artifacts }) => {
        const before = await artifacts.load('https://example.com/')
        await artifacts.save('https://example.com/', { saved: true })
        return { before: before ?? null, after: await artifacts.load('https://example.com/') }
      }),
    )

    expect(await world.run('x')).toMatchObject({ data: { before: null, after: { saved: true } } })
    expect(await world.run('x')).toMatchObject({ data: { before: { saved: true } } })
  })

  it('takes no checkpoint that is too large', async () => {
    const agent = agentOf((_, { checkpoint }) => checkpoint.save('x'.repeat(MAX_CHECKPOINT_BYTES)))

    expect(await runAgent(agent, 'x')).toMatchObject({ status: 'failed', error: { code: 'payload_too_large' } })
  })
})

describe('onInit', () => {
  it('that fails makes another attempt, and three in a row an agent that has failed', async () => {
    const world = agentWorld(
      agentOf(() => 'done', {
        onInit: () => {
          throw new Error('no connection')
        },
      }),
    )

    const run = await world.run('x')

    expect(run).toMatchObject({ status: 'failed', attempt: 3, error: { code: 'unavailable' } })
    expect(await world.agent()).toMatchObject({ status: 'failed', statusReason: { code: 'internal' } })
  })
})

describe('work by its type', () => {
  const typed = defineAgent({
    id: 'typed',
    input: z.string(),
    handle: (text) => ({ any: text }),
    tasks: { add: { input: z.array(z.number()), handle: (numbers) => numbers.reduce((sum, each) => sum + each, 0) } },
    events: { opened: { input: z.object({ name: z.string() }), handle: ({ name }) => ({ opened: name }) } },
  })

  it.each([
    ['add', [1, 2], 3],
    ['opened', { name: 'gate' }, { opened: 'gate' }],
    ['other', 'text', { any: 'text' }],
    [undefined, 'text', { any: 'text' }],
    ['constructor', 'text', { any: 'text' }],
  ])('goes to its own code: %s', async (type, input, data) => {
    expect(await runAgent(typed, input, { message: type === undefined ? {} : { type } })).toMatchObject({
      status: 'completed',
      data,
    })
  })

  it('is checked by its own schema', async () => {
    const run = await runAgent(typed, ['one'], { message: { type: 'add' } })

    expect(run).toMatchObject({ status: 'failed', error: { code: 'validation_error', detail: expect.stringContaining('"0"') } })
  })
})
