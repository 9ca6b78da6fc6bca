import { describe, expect, it } from 'vitest'
import { MAX_CHECKPOINT_BYTES, MAX_FRAME_BYTES } from '#shared/protocol/limits.ts'
import { react } from '#shared/reasoning/react.ts'
import type { CheckedCall } from '#shared/tools/toolbox.ts'
import {
  aReasoning,
  fakeApprovals,
  fakeToolbox,
  memoryCheckpoints,
  type SaidTurn,
  Suspended,
  scriptedModel,
  thoughtsOf,
} from '../../helpers/reasoning.ts'

const SEARCH: SaidTurn = { say: 'Let me look.', calls: [{ tool: 'search', input: { q: 'gate' } }] }
const ANSWER: SaidTurn = { say: 'It is a gate.' }

describe('react', () => {
  it('calls a tool, reads the result and answers; what is said on the way is part of the answer', async () => {
    const model = scriptedModel([SEARCH, ANSWER])
    const toolbox = fakeToolbox({ search: {} })
    const { reasoning, events, text } = aReasoning({ model, toolbox })

    expect(await react(reasoning)).toEqual({ stopReason: 'end' })

    expect(text()).toBe('Let me look.\n\nIt is a gate.')
    expect(toolbox.made).toMatchObject([{ key: 'e1:call-1', call: { arguments: { q: 'gate' } } }])
    expect(model.asked[1]?.messages.slice(2)).toEqual([
      {
        role: 'assistant',
        content: 'Let me look.',
        toolCalls: [{ callId: 'vendor-0-0', toolName: 'search', arguments: '{"q":"gate"}' }],
      },
      { role: 'tool', callId: 'vendor-0-0', toolName: 'search', content: 'search {"q":"gate"}' },
    ])
    expect(events.filter(({ type }) => type.startsWith('tool_'))).toEqual([
      { type: 'tool_call', data: { callId: 'call-1', toolName: 'search', arguments: { q: 'gate' } } },
      { type: 'tool_result', data: { callId: 'call-1', toolName: 'search', result: 'search {"q":"gate"}' } },
    ])
  })

  it('gives calls ids of its own, though the vendor repeats his', async () => {
    const again: SaidTurn = { calls: [{ tool: 'search', id: 'call_0' }] }
    const toolbox = fakeToolbox({ search: {} })
    const { reasoning } = aReasoning({ model: scriptedModel([again, again, ANSWER]), toolbox })

    await react(reasoning)

    expect(toolbox.made.map(({ key }) => key)).toEqual(['e1:call-1', 'e1:call-2'])
  })

  it('makes as many calls at once as it may, and puts the results in the order of the calls', async () => {
    let [running, most] = [0, 0]
    const run = async ({ callId }: { callId: string }): Promise<string> => {
      most = Math.max(most, ++running)
      for (let turns = callId === 'call-1' ? 5 : 1; turns > 0; turns--) await Promise.resolve()
      running -= 1
      return callId
    }
    const calls = Array.from({ length: 5 }, () => ({ tool: 'search' }))
    const model = scriptedModel([{ calls }, ANSWER])
    const { reasoning } = aReasoning({ model, toolbox: fakeToolbox({ search: { run } }), limits: { maxParallelTools: 2 } })

    await react(reasoning)

    expect(most).toBe(2)
    expect(model.asked[1]?.messages.slice(3).map(({ content }) => content)).toEqual(
      [1, 2, 3, 4, 5].map((number) => `call-${number}`),
    )
  })

  it('lets the model mend a call that cannot be made, and makes nothing of it', async () => {
    const model = scriptedModel([{ calls: [{ tool: 'delete_all' }] }, ANSWER])
    const toolbox = fakeToolbox({ search: {} })
    const { reasoning, events } = aReasoning({ model, toolbox })

    await react(reasoning)

    expect(toolbox.made).toEqual([])
    expect(model.asked[1]?.messages.at(-1)).toMatchObject({
      role: 'tool',
      isError: true,
      content: 'There is no tool "delete_all".',
    })
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'tool_result', data: expect.objectContaining({ callId: 'call-1', isError: true }) }),
    )
  })

  it('has one turn more when the steps are used up, in which no tool can be called', async () => {
    const model = scriptedModel([SEARCH, SEARCH, ANSWER])
    const toolbox = fakeToolbox({ search: {} })
    const { reasoning, events } = aReasoning({ model, toolbox, limits: { maxSteps: 2 } })

    expect(await react(reasoning)).toEqual({ stopReason: 'end' })

    expect(toolbox.made).toHaveLength(2)
    expect(model.asked[2]).toMatchObject({ toolChoice: 'none', tools: [{ name: 'search' }] })
    expect(model.asked[2]?.messages.at(-1)).toMatchObject({
      role: 'user',
      content: expect.stringContaining('used all the steps'),
    })
    expect(thoughtsOf(events)).toContainEqual({ status: 'warning', text: expect.stringContaining('All 2 steps are used') })
  })

  it('does not pass nothing off as an answer, when the model calls tools in the turn that it has for one', async () => {
    const silent: SaidTurn = { calls: [{ tool: 'search', input: { q: 'gate' } }] }
    const toolbox = fakeToolbox({ search: {} })
    const { reasoning } = aReasoning({ model: scriptedModel([SEARCH, silent]), toolbox, limits: { maxSteps: 1 } })

    await expect(react(reasoning)).rejects.toMatchObject({ code: 'invalid_output', retryable: false })
    expect(toolbox.made).toHaveLength(1)
  })

  it('gives the vendor back what it wants to have with a turn, also in a later run', async () => {
    const state = { provider: 'anthropic', value: { signature: 's1' } }
    const checkpoints = memoryCheckpoints()
    const model = scriptedModel([{ ...SEARCH, events: [{ type: 'state', state }] }])
    const { reasoning } = aReasoning({ model, toolbox: fakeToolbox({ search: {} }), checkpoints })
    await expect(react(reasoning)).rejects.toThrow('asked 2 times')
    const later = scriptedModel([ANSWER])

    await react({ ...reasoning, model: later })

    expect(later.asked[0]?.messages[2]).toMatchObject({ role: 'assistant', state })
  })

  it('refuses what was cut off or filtered, and ends with a refusal as it is', async () => {
    const cut = {
      async *stream() {
        yield { type: 'text' as const, text: 'half' }
      },
    }
    const filtered = scriptedModel([{ events: [{ type: 'stop', reason: 'content_filter' }] }])
    const refusing = {
      async *stream() {
        yield { type: 'text' as const, text: 'No.' }
        yield { type: 'stop' as const, reason: 'refusal' as const }
      },
    }

    await expect(react(aReasoning({ model: cut }).reasoning)).rejects.toMatchObject({ code: 'network_error', retryable: true })
    await expect(
      react({
        ...aReasoning({ model: filtered }).reasoning,
        model: {
          async *stream() {
            yield { type: 'stop', reason: 'content_filter' }
          },
        },
      }),
    ).rejects.toMatchObject({ code: 'content_filter' })
    expect(await react(aReasoning({ model: refusing }).reasoning)).toEqual({ stopReason: 'refusal' })
  })

  it('shows arguments and results that are larger than a frame in part', async () => {
    const toolbox = fakeToolbox({ search: { run: () => '\u0001'.repeat(40_000) } })
    const calls = [{ tool: 'search', input: { q: '\u0002'.repeat(3_500) } }]
    const { reasoning, events } = aReasoning({ model: scriptedModel([{ calls }, ANSWER]), toolbox })

    await react(reasoning)

    const sizes = events.map((event) => Buffer.byteLength(JSON.stringify(event)))
    expect(Math.max(...sizes)).toBeLessThan(MAX_FRAME_BYTES)
    expect(Math.max(...sizes)).toBeGreaterThan(4_000)
  })
})

const EXPIRES_AT = Date.parse('2026-01-01T01:00:00.000Z')

describe('approvals', () => {
  const tools = { search: {}, pay: { repeatable: false, approvalTimeoutSeconds: 60 } }
  const BOTH: SaidTurn = { calls: [{ tool: 'pay', input: { sum: 5 } }, { tool: 'search' }] }

  it('are waited for, after the calls that need none', async () => {
    const toolbox = fakeToolbox(tools)
    const checkpoints = memoryCheckpoints()
    const { reasoning, events } = aReasoning({ model: scriptedModel([BOTH]), toolbox, checkpoints })

    await expect(react(reasoning)).rejects.toThrow(Suspended)

    expect(toolbox.made.map(({ call }) => call.toolName)).toEqual(['search'])
    expect(checkpoints.waits).toEqual([{ for: 'input', until: EXPIRES_AT }])
    expect(events).toContainEqual({
      type: 'tool_call',
      data: {
        callId: 'call-1',
        toolName: 'pay',
        arguments: { sum: 5 },
        approval: { approvalId: 'approval-call-1', expiresAt: '2026-01-01T01:00:00.000Z' },
      },
    })
  })

  it.each([
    ['approved', {}, 'pay {"sum":5}', 2],
    ['denied', { reason: 'too much' }, 'Somebody decided against this call: too much', 1],
    ['expired', {}, 'Nobody decided on this call in time.', 1],
  ] as const)('%s: the run goes on, and nothing is made twice', async (status, decision, told, made) => {
    const [toolbox, checkpoints, approvals] = [fakeToolbox(tools), memoryCheckpoints(), fakeApprovals()]
    const { reasoning, events } = aReasoning({ model: scriptedModel([BOTH]), toolbox, checkpoints, approvals })
    await react(reasoning).catch(() => undefined)
    approvals.decisions['call-1'] = { status, ...decision }
    const model = scriptedModel([ANSWER])

    await react({ ...reasoning, model })

    expect(toolbox.made).toHaveLength(made)
    expect(model.asked[0]?.messages.slice(3).map(({ content }) => content)).toEqual([told, 'search {}'])
    expect(events.filter(({ type }) => type === 'tool_call')).toHaveLength(2)
  })

  it('are not asked for a call that nobody could see whole', async () => {
    const large: SaidTurn = { calls: [{ tool: 'pay', input: { reason: 'x'.repeat(16_384) } }] }
    const [toolbox, approvals] = [fakeToolbox(tools), fakeApprovals({ 'call-1': { status: 'approved' } })]
    const model = scriptedModel([large, ANSWER])
    const { reasoning } = aReasoning({ model, toolbox, approvals })

    await react(reasoning)

    expect(toolbox.made).toEqual([])
    expect(model.asked[1]?.messages.at(-1)).toMatchObject({
      role: 'tool',
      isError: true,
      content: expect.stringContaining('16384 bytes'),
    })
  })

  it('are waited for again while one of several is missing', async () => {
    const two: SaidTurn = { calls: [{ tool: 'pay' }, { tool: 'pay' }] }
    const [toolbox, checkpoints] = [fakeToolbox(tools), memoryCheckpoints()]
    const approvals = fakeApprovals({ 'call-1': { status: 'approved' } })
    const { reasoning } = aReasoning({ model: scriptedModel([two]), toolbox, checkpoints, approvals })
    await expect(react(reasoning)).rejects.toThrow(Suspended)
    await expect(react(reasoning)).rejects.toThrow(Suspended)
    approvals.decisions['call-2'] = { status: 'approved' }

    await react({ ...reasoning, model: scriptedModel([ANSWER]) })

    expect(toolbox.made.map(({ key }) => key)).toEqual(['e1:call-1', 'e1:call-2'])
  })
})

describe('a call that takes its time', () => {
  /** Two kinds of agents and a person; an agent answers once it stands among those that have. */
  const setUp = (calls: string[], { maxParallelTools = 4 } = {}) => {
    const answered = new Set<string>()
    const pendingUntil = (until: number) => (call: CheckedCall) => (answered.has(call.callId) ? undefined : until)
    const toolbox = fakeToolbox({
      search: {},
      slow: { pendingUntil: pendingUntil(EXPIRES_AT + 1) },
      slower: { pendingUntil: pendingUntil(EXPIRES_AT + 2) },
      short: { pendingUntil: pendingUntil(EXPIRES_AT - 1) },
      guarded: { pendingUntil: pendingUntil(EXPIRES_AT + 3), approvalTimeoutSeconds: 60 },
    })
    const [checkpoints, approvals] = [memoryCheckpoints(), fakeApprovals()]
    const model = scriptedModel([{ calls: calls.map((tool) => ({ tool })) }, ANSWER])
    const { reasoning, events } = aReasoning({ model, toolbox, checkpoints, approvals, limits: { maxParallelTools } })
    const shown = () =>
      events.flatMap((event) => (event.type === 'tool_call' || event.type === 'tool_result' ? [event.data.callId] : []))
    return {
      ...{ answered, checkpoints, approvals, events, model, shown },
      made: () => toolbox.made.splice(0).map(({ call }) => call.callId),
      startedAt: () => toolbox.made.map(({ startedAt }) => startedAt),
      waits: () => expect(react(reasoning)).rejects.toThrow(Suspended),
      ends: () => react(reasoning),
    }
  }

  it('is waited for until its time is up, when the others have their results', async () => {
    const { waits, checkpoints, made, shown } = setUp(['slower', 'search', 'slow'])

    await waits()

    expect(checkpoints.waits).toEqual([{ for: 'agents', until: EXPIRES_AT + 1 }])
    expect(made()).toEqual(['call-1', 'call-2', 'call-3'])
    expect(shown()).toEqual(['call-1', 'call-2', 'call-3', 'call-2'])
  })

  it('is made again with its key and its time, and the rest is not', async () => {
    const { waits, ends, answered, startedAt, made, model, shown } = setUp(['slow', 'search', 'slow'])
    await waits()
    made()

    answered.add('call-3')
    await waits()
    expect(startedAt()).toEqual([1, 3])
    expect(made()).toEqual(['call-1', 'call-3'])
    answered.add('call-1')
    await ends()

    expect(startedAt()).toEqual([1])
    expect(shown()).toEqual(['call-1', 'call-2', 'call-3', 'call-2', 'call-3', 'call-1'])
    expect(model.asked[1]?.messages.slice(3).map(({ content }) => content)).toEqual(['slow {}', 'search {}', 'slow {}'])
  })

  it('takes part in the number of those that may run at once', async () => {
    const { waits, answered, made } = setUp(['slow', 'slow', 'slow', 'search'], { maxParallelTools: 2 })

    await waits()
    expect(made()).toEqual(['call-1', 'call-2'])
    answered.add('call-1')
    await waits()
    expect(made()).toEqual(['call-1', 'call-2', 'call-3'])
    answered.add('call-2')
    await waits()

    expect(made()).toEqual(['call-2', 'call-3', 'call-4'])
  })

  it.each([
    [['slow', 'guarded'], EXPIRES_AT],
    [['short', 'guarded'], EXPIRES_AT - 1],
  ])('is waited for after people have decided: %j', async (calls, until) => {
    const { waits, ends, answered, approvals, checkpoints } = setUp(calls)

    await waits()
    approvals.decisions['call-2'] = { status: 'approved' }
    await waits()

    expect(checkpoints.waits).toEqual([
      { for: 'input', until },
      { for: 'agents', until: calls[0] === 'slow' ? EXPIRES_AT + 1 : until },
    ])
    answered.add('call-1').add('call-2')
    await ends()
  })

  it('is not begun where no other may run beside those that are under way', async () => {
    const { waits, approvals, answered, made } = setUp(['slow', 'guarded'], { maxParallelTools: 1 })
    approvals.decisions['call-2'] = { status: 'approved' }

    await waits()
    expect(made()).toEqual(['call-1'])
    answered.add('call-1')
    await waits()

    expect(made()).toEqual(['call-1', 'call-2'])
  })

  it('keeps its place before others of its turn that people let in later', async () => {
    const { waits, approvals, answered, made } = setUp(['guarded', 'guarded'], { maxParallelTools: 1 })
    approvals.decisions['call-2'] = { status: 'approved' }
    await waits()
    expect(made()).toEqual(['call-2'])

    approvals.decisions['call-1'] = { status: 'approved' }
    await waits()
    expect(made()).toEqual(['call-2'])
    answered.add('call-2')
    await waits()

    expect(made()).toEqual(['call-2', 'call-1'])
  })
})

describe('a call that was interrupted', () => {
  const interrupted = async (repeatable: boolean) => {
    const checkpoints = memoryCheckpoints()
    const toolbox = fakeToolbox({ pay: { repeatable, run: () => Promise.reject(new Error('the worker died')) } })
    const { reasoning } = aReasoning({ model: scriptedModel([{ calls: [{ tool: 'pay' }] }]), toolbox, checkpoints })
    await expect(react(reasoning)).rejects.toThrow('the worker died')
    const [model, later] = [scriptedModel([ANSWER]), fakeToolbox({ pay: { repeatable } })]
    await react({ ...reasoning, model, toolbox: later })
    return { result: model.asked[0]?.messages.at(-1), made: [...toolbox.made, ...later.made].map(({ key }) => key) }
  }

  it('is made again with the same key where that does no harm', async () => {
    expect(await interrupted(true)).toEqual({
      result: expect.objectContaining({ content: 'pay {}' }),
      made: ['e1:call-1', 'e1:call-1'],
    })
  })

  it('is not made again where it might: the model is told', async () => {
    expect(await interrupted(false)).toEqual({
      result: expect.objectContaining({ content: expect.stringContaining('It is not known'), isError: true }),
      made: ['e1:call-1'],
    })
  })

  it('was not begun when a hand-over came before it', async () => {
    const checkpoints = memoryCheckpoints()
    const handedOver = new Error('handed over')
    const once = {
      ...checkpoints,
      get state() {
        return checkpoints.state
      },
      async save(state: unknown) {
        await checkpoints.save(state)
        throw handedOver
      },
    }
    const toolbox = fakeToolbox({ pay: { repeatable: false } })
    const { reasoning } = aReasoning({ model: scriptedModel([{ calls: [{ tool: 'pay' }] }]), toolbox, checkpoints: once })
    await expect(react(reasoning)).rejects.toBe(handedOver)

    await react({ ...reasoning, checkpoints, model: scriptedModel([ANSWER]) })

    expect(toolbox.made).toHaveLength(1)
  })
})

describe('checkpoints', () => {
  it('fit, though results do not: the oldest are cut, and the model sees what the checkpoint says', async () => {
    const toolbox = fakeToolbox({ search: { run: () => 'x'.repeat(16_000) } })
    const checkpoints = memoryCheckpoints()
    const model = scriptedModel([...Array.from({ length: 8 }, () => SEARCH), ANSWER])
    const { reasoning } = aReasoning({ model, toolbox, checkpoints })

    await react(reasoning)

    expect(Math.max(...checkpoints.saves.map((state) => Buffer.byteLength(state)))).toBeLessThanOrEqual(MAX_CHECKPOINT_BYTES)
    const results = (model.asked.at(-1)?.messages ?? []).flatMap((message) => (message.role === 'tool' ? [message.content] : []))
    expect(results).toHaveLength(8)
    expect(results[0]).toContain('bytes are left out')
    expect(results.at(-1)).toHaveLength(16_000)
  })

  it('of another pattern are not gone on from, but calls are numbered on', async () => {
    const checkpoints = memoryCheckpoints(JSON.stringify({ pattern: 'reflection', calls: 3, state: {} }))
    const toolbox = fakeToolbox({ search: {} })
    const { reasoning } = aReasoning({ model: scriptedModel([SEARCH, ANSWER]), toolbox, checkpoints })

    await react(reasoning)

    expect(toolbox.made.map(({ key }) => key)).toEqual(['e1:call-4'])
  })
})
