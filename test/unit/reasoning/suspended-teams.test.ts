import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { admitNext } from '#shared/executions/admit-next.ts'
import { decideApproval } from '#shared/executions/decide-approval.ts'
import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import { wakeParent } from '#shared/executions/wake-parent.ts'
import type { LlmRequest } from '#shared/llm/llm-provider.ts'
import type { LlmAgent } from '#shared/protocol/agent.ts'
import type { ExecutionEvent } from '#shared/protocol/stream-event.ts'
import type { Team, Tool } from '#shared/protocol/tool.ts'
import { forEveryCrash, forEveryStep } from '../../helpers/crashes.ts'
import { anExecution } from '../../helpers/executions.ts'
import type { SaidTurn } from '../../helpers/reasoning.ts'
import { keptSteps, town } from '../../helpers/town.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

const asking = (agentId: string, settings: Partial<Tool> = {}): Tool => ({
  ...{ type: 'agent', name: `ask_${agentId}`, description: `Asks ${agentId}.`, agentId },
  ...(settings as object),
})

const lastOf = ({ messages }: LlmRequest): string => String(messages.at(-1)?.content)

/** The head asks for what it has no result of yet, and says what it was told; the others say who they are. */
const says =
  (...asked: string[]) =>
  (agentId: string, { messages }: LlmRequest): SaidTurn => {
    if (agentId !== 'assistant') return { say: `By ${agentId}.` }
    const told = messages.filter(({ role }) => role === 'tool').map(({ content }) => String(content))
    return told.length > 0
      ? { say: told.join(' ') }
      : { calls: asked.map((other) => ({ tool: `ask_${other}`, input: { content: 'What is it?' } })) }
  }

/** A head that asks experts at once. */
const asked = (experts: string[], head: Partial<LlmAgent> = {}) => ({
  agents: [
    { agentId: 'assistant', tools: experts.map((agentId) => asking(agentId)), ...head },
    ...experts.map((agentId) => ({ agentId })),
  ],
  says: says(...experts),
})

const resultsOf = (events: readonly ExecutionEvent[]) =>
  events.flatMap((event) => (event.type === 'tool_result' ? [event.data.result ?? event.data] : []))

// Time runs as fast as everybody waits for it.
beforeEach(() => void vi.useFakeTimers().setTimerTickMode('nextTimerAsync'))
afterEach(() => void vi.useRealTimers())

describe('an agent that has asked another one', () => {
  it('waits without worker and slot, and goes on in the same attempt when the other has answered', async () => {
    const scene = await town(asked(['expert']))
    const record = await scene.submit({ timeoutSeconds: 60 })

    await scene.run({}, { deaf: true })
    const waiting = await scene.stored(record)
    expect(scene.results).toEqual([
      ['assistant', 'suspended'],
      ['expert', 'ended'],
    ])
    expect(waiting).toMatchObject({ status: 'queued', attempt: 1, nextAttempt: 1, suspended: { for: 'agents' } })
    expect((await scene.gate())?.active).toEqual([])
    // Far longer than it may take: it does not count.
    scene.later(HOUR_MS)
    await scene.run()

    const [head] = await scene.expectRest()
    expect(head).toMatchObject({ output: { text: 'By expert.' }, attempt: 1, fence: 2 })
    expect((await scene.events(record)).map(({ type }) => type)).not.toContain('retrying')
  })

  it('is answered by its worker at once when the other is fast', async () => {
    const scene = await town({ ...asked(['expert']), patienceMs: 10_000, beside: () => true })
    await scene.submit()

    await scene.run()

    const [head] = await scene.expectRest()
    expect(head).toMatchObject({ output: { text: 'By expert.' }, fence: 1 })
    expect(scene.codes()).not.toContain('execution_suspended')
  })

  it('asks each once, and says each step once, though some are fast and others are slow', async () => {
    const experts = ['fast', 'slow', 'slower']
    const scene = await town({ ...asked(experts), patienceMs: 10_000, beside: (agentId) => agentId === 'fast' })
    const record = await scene.submit()

    await scene.run()

    const all = await scene.expectRest()
    expect(all.map(({ agentId, fence }) => [agentId, agentId === 'assistant' ? 1 : fence])).toEqual(
      ['assistant', ...experts].map((agentId) => [agentId, 1]),
    )
    const events = await scene.events(record)
    expect(resultsOf(events)).toEqual(['By fast.', 'By slow.', 'By slower.'])
    expect(events.filter(({ type }) => type === 'tool_call')).toHaveLength(3)
    expect(events.filter(({ type }) => type === 'retrying')).toEqual([])
    expect(all[0]?.output?.text).toBe('By fast. By slow. By slower.')
  })

  it('is found by agents that ask it while it waits: each has one slot, and asks the other', async () => {
    const questions = { outer: 'clerk', middle: 'assistant', inner: undefined } as const
    const nextQuestion = { outer: 'middle', middle: 'inner', inner: '' } as const
    const scene = await town({
      agents: [
        { agentId: 'assistant', maxConcurrency: 1, tools: [asking('clerk')] },
        { agentId: 'clerk', maxConcurrency: 1, tools: [asking('assistant')] },
      ],
      says(_, request) {
        const question = request.messages.find(({ role }) => role === 'user')?.content as keyof typeof questions
        const other = questions[question]
        if (other === undefined) return { say: 'At last.' }
        const isTold = request.messages.some(({ role }) => role === 'tool')
        return isTold
          ? { say: lastOf(request) }
          : { calls: [{ tool: `ask_${other}`, input: { content: nextQuestion[question] } }] }
      },
    })
    await scene.submit({ input: { content: 'outer' } })

    await scene.run()

    const all = await scene.expectRest()
    expect(all.map(({ agentId, depth = 0 }) => [agentId, depth])).toEqual([
      ['assistant', 0],
      ['clerk', 1],
      ['assistant', 2],
    ])
    expect(all[0]?.output?.text).toBe('At last.')
  })

  it('goes on from another one that has waited for a person longer than ten minutes', async () => {
    const scene = await town({
      agents: [
        { agentId: 'assistant', tools: [asking('expert')] },
        { agentId: 'expert', tools: [{ type: 'builtin', name: 'current_time', approval: 'always' }] },
      ],
      says(agentId, request) {
        if (agentId === 'assistant') return says('expert')(agentId, request)
        return request.messages.some(({ role }) => role === 'tool')
          ? { say: 'It is late.' }
          : { calls: [{ tool: 'current_time' }] }
      },
    })
    await scene.submit()
    await scene.run()
    const [, expert] = await scene.everyone()
    expect(expert?.status).toBe('waiting_input')
    scene.later(11 * MINUTE_MS)
    expect(await scene.sweep()).toBe(1)
    await scene.run()

    const approvalId = expert?.pendingApprovals?.[0] ?? ''
    await decideApproval(scene.dependencies, { tenant: 'acme', subject: 'ada', scopes: [] }, approvalId, { decision: 'approve' })
    await scene.run()

    const [head] = await scene.expectRest()
    expect(head).toMatchObject({ output: { text: 'It is late.' }, attempt: 1 })
  })
})

describe('a wake-up', () => {
  it('comes at whatever moment the other ends, and needs nobody to make up for it', async () => {
    const moments = await forEveryStep(async (interruptedBy) => {
      const scene = await town(asked(['expert']))
      await scene.submit()
      const faults = interruptedBy(async () => {
        const message = scene.nextMessage(({ agentId }) => agentId === 'expert')
        if (message) await scene.work(message)
        await scene.follow()
      })

      await scene.run(faults)

      const [head] = await scene.expectRest()
      expect(head).toMatchObject({ output: { text: 'By expert.' }, attempt: 1 })
    })

    expect(moments).toBeGreaterThan(12)
  }, 60_000)

  it('that is lost is made up for within minutes', async () => {
    const scene = await town(asked(['expert']))
    const record = await scene.submit()
    await scene.run({}, { deaf: true })
    scene.later(4 * MINUTE_MS)
    expect(await scene.sweep()).toBe(0)
    scene.later(MINUTE_MS + 1)

    expect(await scene.sweep()).toBe(1)
    await scene.run({}, { deaf: true })

    await scene.expectEnd(record, 'completed')
  })

  it('that is lost is made up for, though another agent goes on for hours', async () => {
    const scene = await town({
      ...asked(['expert', 'clerk']),
      agents: [
        { agentId: 'assistant', tools: [asking('expert'), asking('clerk')] },
        { agentId: 'expert' },
        { agentId: 'clerk', maxConcurrency: 1 },
      ],
    })
    await scene.admission.takeSlot(anExecution({ agentId: 'clerk', executionId: 'somebody-else' }), scene.clock.now())
    await scene.submit()
    const looks = () => scene.results.filter(([agentId]) => agentId === 'assistant').length
    await scene.run({}, { deaf: true })
    expect(looks()).toBe(1)

    // Once for the expert's answer, and never again for what it has already.
    for (let round = 0; round < 5; round++) {
      scene.later(5 * MINUTE_MS + 1)
      await scene.sweep()
      await scene.run({}, { deaf: true })
    }

    expect(looks()).toBe(2)
    expect(await scene.everyone()).toMatchObject([
      { suspended: { for: 'agents' } },
      { status: 'completed' },
      { status: 'queued' },
    ])
  })

  it('that comes twice changes nothing', async () => {
    const scene = await town(asked(['expert']))
    const record = await scene.submit()
    await scene.run({}, { deaf: true })
    const [, expert] = await scene.everyone()

    await Promise.all([1, 2, 3].map(() => wakeParent(scene.dependencies, expert as ExecutionRecord)))
    await scene.run()
    await wakeParent(scene.dependencies, expert as ExecutionRecord)
    await scene.run()

    expect(await scene.expectEnd(record, 'completed')).toMatchObject({ fence: 2 })
  })

  it('is nothing to whoever sent a message and does not wait for it', async () => {
    const scene = await town(asked(['expert']))
    const record = await scene.submit()
    const [message] = scene.sent
    await scene.work(message as NonNullable<typeof message>)
    const sent = scene.sent.length

    await wakeParent(scene.dependencies, { ...record, parentId: record.executionId, messageId: 'm-1' })
    await wakeParent(scene.dependencies, { ...record, parentId: 'nobody' })

    expect(scene.sent).toHaveLength(sent)
    expect((await scene.stored(record)).suspended).toMatchObject({ for: 'agents' })
  })
})

describe('the time of a call', () => {
  it('goes on while its caller waits: then the other is cancelled, and the model told', async () => {
    const scene = await town({
      ...asked(['expert']),
      agents: [
        { agentId: 'assistant', tools: [asking('expert', { timeoutSeconds: 1_800 })] },
        { agentId: 'expert', maxConcurrency: 1 },
      ],
    })
    // The expert has no slot for it.
    await scene.admission.takeSlot(anExecution({ agentId: 'expert', executionId: 'somebody-else' }), scene.clock.now())
    const record = await scene.submit()
    await scene.run()
    const looks = () => scene.results.filter(([agentId]) => agentId === 'assistant').length
    for (let minutes = 5; minutes <= 25; minutes += 5) {
      scene.later(5 * MINUTE_MS + 1)
      await scene.sweep()
      await scene.run()
    }
    // Others look for it: it is run again when there is something to see.
    expect(looks()).toBe(1)
    expect(await scene.everyone()).toMatchObject([{ suspended: { for: 'agents' } }, { status: 'queued' }])
    scene.later(5 * MINUTE_MS)

    await scene.sweep()
    await scene.run()

    const [head, expert] = await scene.everyone()
    expect(head).toMatchObject({ status: 'completed', attempt: 1, output: { text: 'timeout: no answer within 1800 s' } })
    expect(expert).toMatchObject({ status: 'cancelled' })
    expect((await scene.events(record)).filter(({ type }) => type === 'tool_result')).toHaveLength(1)
  })
})

describe('a stream whose events are kept no more when its execution goes on', () => {
  const DAYS_MS = 48 * HOUR_MS

  /** A head that has spoken, and waits for days for an expert that has no slot for it. */
  async function afterDays() {
    const scene = await town({
      agents: [
        { agentId: 'assistant', tools: [asking('expert', { timeoutSeconds: 604_800 })] },
        { agentId: 'expert', maxConcurrency: 1 },
      ],
      says: (agentId, request) => ({ say: 'One moment.', ...says('expert')(agentId, request) }),
    })
    const busy = { tenant: 'acme', agentId: 'expert' }
    await scene.admission.takeSlot(anExecution({ ...busy, executionId: 'somebody-else' }), scene.clock.now())
    const record = await scene.submit()
    await scene.run()
    const seen = (await scene.events(record)).at(-1)?.sequence ?? -1
    scene.later(DAYS_MS)
    expect(await scene.events(record)).toEqual([])
    const free = () => scene.admission.releaseSlot(busy, 'somebody-else')
    return { ...scene, record, seen, free }
  }

  it('goes on behind them, without a seam', async () => {
    const { record, seen, free, admission, dependencies, run, events, stored } = await afterDays()
    await free()
    await admitNext({ ...dependencies, admission }, { tenant: 'acme', agentId: 'expert' })

    await run()

    expect((await stored(record)).status).toBe('completed')
    const later = await events(record)
    expect(later.map(({ sequence }) => sequence)).toEqual(later.map((_, place) => seen + 1 + place))
    expect(later.map(({ type }) => type)).not.toContain('started')
    expect(later.map(({ type }) => type)).not.toContain('retrying')
  })

  it('ends behind them', async () => {
    const { record, seen, cancel, events } = await afterDays()

    await cancel(record)

    expect(await events(record)).toMatchObject([{ type: 'cancelled', sequence: seen + 1 }])
  })
})

it('ends with those that it has asked when it is cancelled while it waits', async () => {
  const scene = await town(asked(['expert', 'clerk']))
  const record = await scene.submit()
  const [message] = scene.sent
  await scene.work(message as NonNullable<typeof message>)
  expect((await scene.everyone()).map(({ status }) => status)).toEqual(['queued', 'queued', 'queued'])

  await scene.cancel(record)
  await scene.follow()
  await scene.run()

  await scene.expectRest('cancelled')
})

const MODES: Team['mode'][] = ['router', 'sequence', 'parallel', 'handover']

/** The head of the team chooses, or sums up; a member answers, and the first hands on what it may hand on. */
const teamSays = (agentId: string, request: LlmRequest): SaidTurn => {
  if (agentId === 'assistant') return { say: request.output ? '{"agent":"second"}' : 'All say so.' }
  const mayHandOn = agentId === 'first' && lastOf(request).includes('"handover"')
  return { say: mayHandOn ? '{"handover":"second"}' : `By ${agentId}.` }
}

describe.each(MODES)('a team that is suspended, as %s', (mode) => {
  const members = mode === 'parallel' ? ['first', 'second', 'third'] : ['first', 'second']
  const options = {
    agents: [{ agentId: 'assistant', team: { mode, agents: members } }, ...members.map((agentId) => ({ agentId }))],
    says: teamSays,
  }

  it('asks every agent once, and says every step once, wherever any of its workers is killed', async () => {
    const calm = await town(options)
    const first = await calm.submit()
    await calm.run()
    const children = (await calm.expectRest()).map(({ agentId }) => agentId)
    const expected = keptSteps(await calm.events(first))
    expect(calm.codes()).toContain('execution_suspended')
    expect((await calm.events(first)).filter(({ type }) => type === 'retrying')).toEqual([])

    const crashes = await forEveryCrash(async (crasher) => {
      const scene = await town(options)
      const record = await scene.submit()

      await crasher.run(() => scene.run(crasher))
      await scene.recover()

      const all = await scene.expectRest()
      expect(all.map(({ agentId }) => agentId)).toEqual(children)
      expect(keptSteps(await scene.events(record))).toEqual(expected)
    })

    expect(crashes).toBeGreaterThan(30)
  }, 120_000)
})

describe('an agent that was asked and is not heard any more', () => {
  /** The clerk has answered, and the head is to go on; nobody has come to the expert. */
  async function halfAnswered(expert: Partial<Tool> = {}) {
    const scene = await town({
      agents: [
        { agentId: 'assistant', reasoningPattern: 'react', tools: [asking('clerk'), asking('expert', expert)] },
        ...['clerk', 'expert'].map((agentId) => ({ agentId })),
      ],
      says: says('clerk', 'expert'),
    })
    await scene.submit()
    const workFor = async (name: string, faults = {}): Promise<void> => {
      const message = scene.nextMessage(({ agentId }) => agentId === name)
      if (message) await scene.work(message, faults)
    }
    const childOf = async (name: string) => (await scene.everyone()).find(({ agentId }) => agentId === name)
    await workFor('assistant')
    await workFor('clerk')
    await scene.follow()
    return {
      ...scene,
      workFor,
      childOf,
      async redefine(change: Partial<LlmAgent>): Promise<void> {
        const agent = await scene.agents.get('acme', 'assistant')
        if (agent?.kind !== 'llm') throw new Error('it is an agent without code')
        await scene.agents.replace('acme', { ...agent, ...change, revision: agent.revision + 1 })
      },
    }
  }

  const elsewhere: Tool = { type: 'builtin', name: 'current_time' }

  it.each<[string, Partial<LlmAgent>]>([
    ['its tool was removed', { tools: [asking('clerk')] }],
    ['its tool asks another one now', { tools: [asking('clerk'), asking('expert', { agentId: 'clerk' } as object)] }],
    [
      'its tool takes other arguments',
      { tools: [asking('clerk'), asking('expert', { parameters: { required: ['why'] } } as object)] },
    ],
    ['the pattern is another one', { reasoningPattern: 'reflection', tools: [elsewhere] }],
    ['there are no tools any more', { reasoningPattern: 'direct', tools: [] }],
  ])('is cancelled as soon as the head knows: %s', async (_, change) => {
    const { redefine, workFor, childOf } = await halfAnswered()
    await redefine(change)

    await workFor('assistant')

    expect(await childOf('expert')).toMatchObject({
      status: 'cancelled',
      error: { detail: expect.stringContaining('which asked for it') },
    })
    expect(await childOf('clerk')).toMatchObject({ status: 'completed' })
  })

  it('is cancelled when its time is up', async () => {
    const { workFor, childOf, later } = await halfAnswered({ timeoutSeconds: 60 })
    later(HOUR_MS)

    await workFor('assistant')

    expect(await childOf('expert')).toMatchObject({ status: 'cancelled' })
  })

  it('is cancelled whenever the worker of the head dies at it', async () => {
    const crashes = await forEveryCrash(async (crasher) => {
      const { redefine, workFor, childOf, recover, sent } = await halfAnswered()
      await redefine({ tools: [asking('clerk')] })
      // Nobody comes to the expert meanwhile.
      sent.splice(0, sent.length, ...sent.filter(({ item }) => item.agentId !== 'expert'))

      await crasher.run(() => workFor('assistant', crasher))
      await recover()

      expect((await childOf('assistant'))?.output?.text).toMatch(/^By clerk\. There is no tool "ask_expert"/)
      expect(await childOf('expert')).toMatchObject({ status: 'cancelled', fence: 0 })
    })
    expect(crashes).toBeGreaterThan(5)
  }, 60_000)

  it('is left alone while it is heard', async () => {
    const { workFor, childOf, run } = await halfAnswered()

    await workFor('assistant')
    expect(await childOf('expert')).toMatchObject({ status: 'queued' })

    await run()
    expect((await childOf('assistant'))?.output?.text).toBe('By clerk. By expert.')
  })
})
