import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { agentAsker } from '#shared/executions/agent-asker.ts'
import { cancelChildren } from '#shared/executions/cancel-children.ts'
import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import { hasEnded } from '#shared/executions/execution-status.ts'
import { LEASE_MS } from '#shared/executions/lease-keeper.ts'
import { llmAnswerer } from '#shared/executions/llm-answerer.ts'
import type { Invocation } from '#shared/executions/run.ts'
import type { LlmRequest } from '#shared/llm/llm-provider.ts'
import { type LlmScript, memoryLlmProviders } from '#shared/llm/memory-llm-providers.ts'
import { type Clock, sleep } from '#shared/platform/clock.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import type { Team } from '#shared/protocol/tool.ts'
import { toolboxes } from '#shared/tools/toolboxes.ts'
import { aroundCalls, Crash, type Crasher, forEveryCrash, forEveryStep } from '../../helpers/crashes.ts'
import { anAgent } from '../../helpers/executions.ts'
import { turnEvents } from '../../helpers/reasoning.ts'
import { expectWholeStream } from '../../helpers/stream-proof.ts'
import { toolDependencies } from '../../helpers/tools.ts'
import { keptSteps } from '../../helpers/town.ts'
import { waiting, workerScene } from '../../helpers/worker.ts'

/** More rounds than any crash here needs. */
const ROUNDS = 30
const PATIENCE = 4
const MODES: Team['mode'][] = ['router', 'sequence', 'parallel', 'handover']

/** How many children a question has. */
const CHILDREN = { router: 1, sequence: 2, parallel: 2, handover: 2 }
const ANSWERS = { router: 'By second.', sequence: 'By second.', parallel: 'Both say so.', handover: 'By second.' }

/** The head of the team chooses, or sums up. */
const headSays = ({ output }: LlmRequest): string => (output ? '{"agent":"second"}' : 'Both say so.')

/** A member answers; the first hands on what it may hand on. */
const memberSays = (agentId: string, { messages }: LlmRequest): string =>
  agentId === 'first' && String(messages.at(-1)?.content).includes('"handover"') ? '{"handover":"second"}' : `By ${agentId}.`

const speaking = (says: (request: LlmRequest) => string): LlmScript =>
  async function* (request) {
    yield* turnEvents({ say: says(request) })
  }

/**
 * A team of two on the stores of workers, and workers of its head that come after each other. Its members are executions of their own: workers take them
 * from the queue while the head waits.
 *
 * @param options.silent - members say nothing until they are stopped
 * @param options.patience - looks at silent members until the head is cancelled
 */
async function workshop(mode: Team['mode'], { silent = false, patience = PATIENCE } = {}) {
  const team = { mode, agents: ['first', 'second'] }
  const scene = await workerScene(anAgent({ team }))
  for (const agentId of team.agents)
    await scene.agents.create('acme', anAgent({ agentId, createdAt: '2020-01-01T00:00:00.000Z' }))
  const record = await scene.submit({ retry: { maxAttempts: 40, backoffSeconds: 0 }, timeoutSeconds: 43_200 })
  const started: string[] = []
  const running = new Map<string, Promise<unknown>>()
  /** What the head has done: turns of its model, and rounds of questions. */
  const done: string[] = []

  function runMembers(): void {
    for (const { item } of scene.sent) {
      const { executionId, agentId = '' } = item
      if (executionId === record.executionId || running.has(executionId)) continue
      const script = silent ? waiting() : speaking((request) => memberSays(agentId, request))
      running.set(executionId, scene.work(llmAnswerer({ providers: memoryLlmProviders(script) }), item))
    }
  }

  let pauses = 0
  async function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
    runMembers()
    if (silent && ++pauses === patience) await cancelHead()
    await sleep(milliseconds, signal)
  }

  async function cancelHead(): Promise<void> {
    await scene.cancel(record).catch((error: unknown) => {
      if (!(error instanceof SluiceError) || error.code !== 'invalid_state') throw error
    })
  }

  function live({ steps = (port) => port }: Partial<Crasher> = {}, invocation: Partial<Invocation> = {}): Promise<unknown> {
    const counting: typeof scene.executions = {
      ...scene.executions,
      async create(...asked) {
        const created = await scene.executions.create(...asked)
        if (created.result === 'created') started.push(asked[0].executionId)
        return created
      },
    }
    const shared = {
      executions: steps(counting, ['acquire', 'saveCheckpoint', 'end', 'handOver', 'create', 'get']),
      admission: steps(scene.admission, ['takeSlot']),
      workQueue: steps(scene.workQueue, ['send']),
      log: steps(scene.log, ['append', 'read', 'lastSequence']),
    }
    const model = steps({ hears: async () => undefined }, ['hears'])
    const askAgent = agentAsker({ ...scene.dependencies, ...shared }, { pause })
    const answerer = llmAnswerer({
      providers: memoryLlmProviders(async function* (request) {
        done.push('turn')
        await model.hears()
        yield* turnEvents({ say: headSays(request) })
        await model.hears()
      }),
      toolboxes: toolboxes(
        toolDependencies({
          askAgent(question, signal) {
            if (done.at(-1) !== 'round') done.push('round')
            return askAgent(question, signal)
          },
        }),
      ),
      agents: scene.agents,
    })
    return scene.work(answerer, record, { ...shared, ...invocation })
  }

  const stored = async (executionId: string): Promise<ExecutionRecord> => scene.stored({ ...record, executionId })

  return {
    ...scene,
    record,
    live,
    done,
    started,
    /** Its message comes again and again, and twice each time, until it has ended. */
    async recover(): Promise<void> {
      for (let round = 0; round < ROUNDS && !hasEnded((await scene.stored(record)).status); round++) {
        scene.later(LEASE_MS + 1)
        await Promise.all([live(), live()])
      }
    },
    cancelHead,
    /** What follows from the end of the head, wherever it was seen; the workers of its members come to their ends by themselves. */
    async followEnd(): Promise<ExecutionRecord[]> {
      await cancelChildren(scene.dependencies, await scene.stored(record))
      runMembers()
      await Promise.all(running.values())
      const children = await Promise.all(started.map(stored))
      for (const child of children) expectWholeStream(await scene.events(child))
      return children
    },
    /** Each child was started once, ran once, and is known to the head. */
    async expectAnswer(): Promise<ReturnType<typeof keptSteps>> {
      await Promise.all(running.values())
      expect((await scene.expectEnd(record, 'completed')).output?.text).toBe(ANSWERS[mode])
      expect(started).toHaveLength(CHILDREN[mode])
      for (const child of await Promise.all(started.map(stored)))
        expect(child).toMatchObject({ status: 'completed', fence: 1, parentId: record.executionId, depth: 1 })
      return keptSteps(await scene.events(record))
    },
  }
}

/** Time that an invocation has left, from now on. */
const endingIn =
  (milliseconds: number) =>
  (clock: Clock): (() => number) => {
    const end = clock.now() + milliseconds
    return () => end - clock.now()
  }

/** The steps that nobody interrupted. */
async function calmSteps(mode: Team['mode']): Promise<unknown[]> {
  const calm = await workshop(mode)
  await calm.live()
  return calm.expectAnswer()
}

describe.each(MODES)('a team, as %s', (mode) => {
  // Time runs as fast as everybody waits for it.
  beforeEach(() => void vi.useFakeTimers().setTimerTickMode('nextTimerAsync'))
  afterEach(() => void vi.useRealTimers())

  it('asks every agent once, and says every step once, wherever its worker is killed', async () => {
    const expected = await calmSteps(mode)

    const crashes = await forEveryCrash(async (crasher) => {
      const { live, recover, expectAnswer } = await workshop(mode)

      await crasher.run(() => live(crasher))
      await recover()

      expect(await expectAnswer()).toEqual(expected)
    })

    expect(crashes).toBeGreaterThan(12)
  }, 120_000)

  it('asks every agent once when it is killed again and again', async () => {
    const expected = await calmSteps(mode)
    const { live, later, recover, expectAnswer } = await workshop(mode)

    for (const last of [30, 22, 15, 9, 5, 3, 2, 12, 18]) {
      let step = 0
      const dying = new AbortController()
      const mortal = <Port extends object>(port: Port, methods: readonly (keyof Port & string)[]): Port =>
        aroundCalls(port, methods, async (call) => {
          dying.signal.throwIfAborted()
          const result = await call()
          if (++step >= last) dying.abort(new Crash())
          dying.signal.throwIfAborted()
          return result
        })
      await live({ steps: mortal }).catch(() => undefined)
      later(LEASE_MS + 1)
    }
    await recover()

    expect(await expectAnswer()).toEqual(expected)
  })

  it('goes over as many invocations as it has steps, without a seam', async () => {
    const expected = await calmSteps(mode)
    const { live, done, record, stored, events, expectAnswer } = await workshop(mode)
    const perInvocation: number[] = []

    for (let result: unknown = 'handed_over'; result === 'handed_over'; ) {
      const before = done.length
      done.push('invocation')
      // Its time is up as soon as it has done anything.
      result = await live({}, { remainingMs: () => (done.at(-1) === 'invocation' ? 300_000 : 1_000) })
      perInvocation.push(done.length - before - 1)
    }

    expect(await expectAnswer()).toEqual(expected)
    expect(Math.max(...perInvocation)).toBe(1)
    expect(perInvocation.length).toBeGreaterThan(1)
    expect((await events(record)).filter(({ type }) => type === 'retrying')).toEqual([])
    expect(await stored(record)).toMatchObject({ attempt: 1 })
  })

  it('leaves no agent at work when it is cancelled, wherever it is', async () => {
    const cancels = await forEveryStep(async (interruptedBy) => {
      const { live, cancelHead, record, expectEnd, followEnd } = await workshop(mode, { silent: true })

      await live(interruptedBy(cancelHead))

      const children = await followEnd()
      await expectEnd(record, 'cancelled')
      for (const { status } of children) expect(status).toBe('cancelled')
    })

    expect(cancels).toBeGreaterThan(8)
  }, 120_000)

  it.each([
    ['was killed', endingIn(300_000), PATIENCE],
    ['ran out of time', endingIn(3_000), Number.POSITIVE_INFINITY],
  ])(
    'leaves no agent at work when it is cancelled once its worker %s',
    async (_, remaining, patience) => {
      const ends = await forEveryCrash(async (crasher) => {
        const { live, recover, clock, record, cancelHead, followEnd, expectEnd } = await workshop(mode, {
          silent: true,
          patience,
        })

        await crasher.run(() => live(crasher, { remainingMs: remaining(clock) }))
        await cancelHead()
        await recover()

        const children = await followEnd()
        await expectEnd(record, 'cancelled')
        for (const { status } of children) expect(status).toBe('cancelled')
      })

      expect(ends).toBeGreaterThan(8)
    },
    120_000,
  )
})
