import { describe, expect, it } from 'vitest'
import { SluiceError } from '#shared/platform/errors.ts'
import { MAX_CHECKPOINT_BYTES } from '#shared/protocol/limits.ts'
import { MAX_CALLS_PER_TURN } from '#shared/reasoning/make-calls.ts'
import { patternOf } from '#shared/reasoning/patterns.ts'
import { planAndExecute } from '#shared/reasoning/plan-and-execute.ts'
import { react } from '#shared/reasoning/react.ts'
import type { Reasoning } from '#shared/reasoning/reasoning.ts'
import { reflection } from '#shared/reasoning/reflection.ts'
import {
  aReasoning,
  fakeToolbox,
  memoryCheckpoints,
  type SaidTurn,
  scriptedModel,
  thoughtsOf,
  turnEvents,
} from '../../helpers/reasoning.ts'

const ANSWER: SaidTurn = { say: 'It is a gate.' }
const search = (input: unknown = {}) => ({ tool: 'search', input })

describe('steps', () => {
  it('of react end with its limit, though the model makes one and the same call for ever', async () => {
    const turns = [...Array.from({ length: 4 }, (): SaidTurn => ({ calls: [search({ q: 'gate' })] })), ANSWER]
    const toolbox = fakeToolbox({ search: {} })
    const { reasoning, text } = aReasoning({ model: scriptedModel(turns), toolbox, limits: { maxSteps: 4 } })

    await react(reasoning)

    expect(toolbox.made.map(({ key }) => key)).toEqual(['e1:call-1', 'e1:call-2', 'e1:call-3', 'e1:call-4'])
    expect(text()).toBe('It is a gate.')
  })

  it('of a plan are as many as its limit, and so are the turns with tools of all its steps together', async () => {
    const plan = (steps: number): SaidTurn => ({ say: JSON.stringify({ steps: Array(steps).fill('look') }) })
    const looks: SaidTurn = { calls: [search()] }
    const model = scriptedModel([plan(3), plan(2), looks, looks, { say: 'one' }, { say: 'two' }, ANSWER])
    const toolbox = fakeToolbox({ search: {} })
    const { reasoning, events } = aReasoning({ model, toolbox, limits: { maxSteps: 2 } })

    await planAndExecute(reasoning)

    expect(toolbox.made).toHaveLength(2)
    const told = thoughtsOf(events).flatMap(({ status, text }) => (status === 'warning' ? [text] : []))
    expect(told[0]).toContain('did not fit')
    expect(told.slice(1)).toEqual(Array(2).fill(expect.stringContaining('All 2 steps are used')))
  })

  it('of reflection end with its limit, though the critic is never content', async () => {
    const bad: SaidTurn = { say: '{"good":false,"problems":"too short"}' }
    const model = scriptedModel([{ say: 'one' }, bad, { say: 'two' }, bad, { say: 'three' }])
    const { reasoning, text } = aReasoning({ model, limits: { maxIterations: 2 } })

    await reflection(reasoning)

    expect(text()).toBe('three')
    expect(model.asked).toHaveLength(5)
  })
})

describe('calls of one turn', () => {
  it('are made up to a number; the model can ask for the others again', async () => {
    const many: SaidTurn = { calls: Array.from({ length: 50 }, (_, place) => search({ place })) }
    const model = scriptedModel([many, ANSWER])
    const toolbox = fakeToolbox({ search: { run: () => 'x'.repeat(16_000) } })
    const checkpoints = memoryCheckpoints()
    const { reasoning, events } = aReasoning({ model, toolbox, checkpoints })

    await react(reasoning)

    expect(toolbox.made).toHaveLength(MAX_CALLS_PER_TURN)
    const [, turn, ...results] = model.asked[1]?.messages.slice(1) ?? []
    expect(turn).toMatchObject({ role: 'assistant', toolCalls: { length: MAX_CALLS_PER_TURN } })
    expect(results).toHaveLength(MAX_CALLS_PER_TURN)
    expect(thoughtsOf(events)).toContainEqual({ status: 'warning', text: expect.stringContaining('wants 50 calls at once') })
    expect(Math.max(...checkpoints.saves.map((state) => Buffer.byteLength(state)))).toBeLessThanOrEqual(MAX_CHECKPOINT_BYTES)
  })

  it('have arguments that fit a checkpoint together; the model is told of those that have no room', async () => {
    const large: SaidTurn = { calls: Array.from({ length: 6 }, (_, place) => search({ place, text: '"'.repeat(5_000) })) }
    const model = scriptedModel([large, ANSWER])
    const toolbox = fakeToolbox({ search: { run: () => 'ok' } })
    const checkpoints = memoryCheckpoints()
    const { reasoning } = aReasoning({ model, toolbox, checkpoints })

    await react(reasoning)

    expect(toolbox.made).toHaveLength(2)
    const results = model.asked[1]?.messages.slice(3) ?? []
    expect(results.slice(2)).toEqual(
      Array(4).fill(expect.objectContaining({ isError: true, content: expect.stringContaining('has no room') })),
    )
    expect(Math.max(...checkpoints.saves.map((state) => Buffer.byteLength(state)))).toBeLessThanOrEqual(MAX_CHECKPOINT_BYTES)
  })
})

type PatternName = Parameters<typeof patternOf>[0]
const PATTERNS: PatternName[] = ['direct', 'react', 'reflection', 'plan_and_execute', 'multi_agent']

const TEAM: Reasoning['team'] = { mode: 'parallel', agents: ['search'] }

/** What the model says to a request, so that a pattern takes each kind of its steps. */
function said({ output, messages, tools }: Parameters<ReturnType<typeof scriptedModel>['stream']>[0]): SaidTurn {
  if (output?.name === 'plan') return { say: '{"steps":["look"]}' }
  if (output?.name === 'verdict') return { say: '{"good":false,"problems":"too short"}' }
  return tools && !messages.some(({ role }) => role === 'tool') ? { calls: [search()] } : ANSWER
}

/** A pattern that is cancelled at one place: `at` counts the places where it waits for somebody. */
async function cancelledAt(pattern: PatternName, at: number) {
  const stop = new AbortController()
  const reason = new SluiceError('cancelled', 'cancelled on request')
  let [place, after] = [0, 0]
  /** Somebody is asked, and while he is, or right after him, the execution is cancelled. */
  const wait = (): void => {
    if (stop.signal.aborted) after += 1
    if (++place === at) stop.abort(reason)
  }
  const saved = memoryCheckpoints()
  const { reasoning } = aReasoning({
    signal: stop.signal,
    model: {
      async *stream(request, signal) {
        wait()
        for (const event of turnEvents(said(request))) {
          signal.throwIfAborted()
          yield event
        }
        wait()
      },
    },
    toolbox:
      pattern === 'direct'
        ? fakeToolbox({})
        : fakeToolbox({
            search: {
              run: (_, signal) => {
                wait()
                signal.throwIfAborted()
                return 'found'
              },
            },
          }),
    checkpoints: {
      ...saved,
      async save(state) {
        await saved.save(state)
        wait()
      },
    },
    ...(pattern === 'multi_agent' && { team: TEAM }),
  })
  const answer = await patternOf(pattern)
    .then((run) => run(reasoning))
    .catch((error: unknown) => error)
  return { answer, reason, after, cancelled: stop.signal.aborted }
}

describe.each(PATTERNS)('cancel of %s', (pattern) => {
  it('ends it wherever it is, inside a step and between two, and nobody is asked any more', async () => {
    let places = 0
    for (;;) {
      const { answer, reason, after, cancelled } = await cancelledAt(pattern, places + 1)
      if (!cancelled) break
      places += 1
      expect(answer).toBe(reason)
      expect(after).toBe(0)
    }

    expect(places).toBeGreaterThanOrEqual(pattern === 'direct' ? 2 : 5)
  })
})
