import { expect } from 'vitest'
import { agentAsker } from '#shared/executions/agent-asker.ts'
import { cancelChild, cancelChildren } from '#shared/executions/cancel-children.ts'
import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import { hasEnded } from '#shared/executions/execution-status.ts'
import { LEASE_MS } from '#shared/executions/lease-keeper.ts'
import { llmAnswerer } from '#shared/executions/llm-answerer.ts'
import type { RunResult } from '#shared/executions/run-execution.ts'
import { wakeParent } from '#shared/executions/wake-parent.ts'
import type { LlmRequest } from '#shared/llm/llm-provider.ts'
import { memoryLlmProviders } from '#shared/llm/memory-llm-providers.ts'
import { sleep } from '#shared/platform/clock.ts'
import type { LlmAgent } from '#shared/protocol/agent.ts'
import type { ExecutionEvent } from '#shared/protocol/stream-event.ts'
import { toolboxes } from '#shared/tools/toolboxes.ts'
import type { Crasher } from './crashes.ts'
import { anAgent } from './executions.ts'
import { type SaidTurn, turnEvents } from './reasoning.ts'
import { expectWholeStream } from './stream-proof.ts'
import { toolDependencies } from './tools.ts'
import { workerScene } from './worker.ts'

/** More rounds than any crash here needs. */
const ROUNDS = 60

export type TownOptions = {
  /** The first is asked; its executions are the heads. */
  agents: readonly (Partial<LlmAgent> & { agentId: string })[]
  /** What the model of an agent says; the same request is always answered the same. */
  says: (agentId: string, request: LlmRequest) => SaidTurn
  /** How long an agent waits for another one with its worker. @default 0: not at all */
  patienceMs?: number
  /** Whose work is taken from the queue while somebody waits so. @default nobody's */
  beside?: (agentId: string) => boolean
}

/** What may go wrong, and where; nothing unless a test says so. */
type Faults = Partial<Pick<Crasher, 'steps'>>

/**
 * Agents that ask each other, and all that works for them: a queue whose messages come in their order, workers that come after each other, and what follows
 * from the end of executions.
 */
export async function town({ agents, says, patienceMs = 0, beside = () => false }: TownOptions) {
  const [first, ...others] = agents
  const scene = await workerScene(anAgent(first))
  for (const agent of others) await scene.agents.create('acme', anAgent({ createdAt: '2020-01-01T00:00:00.000Z', ...agent }))
  const created: string[] = []
  const [taken, followed] = [new Set<object>(), new Set<string>()]
  const results: [agentId: string, result: RunResult][] = []
  /** Messages that are worked on right now. */
  const busy = new Set<object>()

  function worldWith({ steps = (port) => port }: Faults) {
    const counting: typeof scene.executions = {
      ...scene.executions,
      async create(...asked) {
        const made = await scene.executions.create(...asked)
        if (made.result === 'created') created.push(asked[0].executionId)
        return made
      },
    }
    const writes = ['acquire', 'saveCheckpoint', 'suspend', 'handOver', 'end', 'create', 'wake', 'noteWake', 'get'] as const
    return {
      executions: steps(counting, writes),
      admission: steps(scene.admission, ['takeSlot']),
      workQueue: steps(scene.workQueue, ['send']),
      log: steps(scene.log, ['append', 'read', 'lastSequence']),
    }
  }

  async function work(message: (typeof scene.sent)[number], faults: Faults): Promise<void> {
    busy.add(message)
    const { item } = message
    const { agentId = '' } = item
    const world = worldWith(faults)
    const pause = async (milliseconds: number, signal?: AbortSignal): Promise<void> => {
      const next = nextMessage(({ agentId: other = '' }) => beside(other))
      await (next ? work(next, faults) : sleep(milliseconds, signal))
    }
    const answerer = llmAnswerer({
      providers: memoryLlmProviders(async function* (request) {
        yield* turnEvents(says(agentId, request))
      }),
      toolboxes: toolboxes({
        ...toolDependencies(),
        ...{ clock: scene.clock, logger: scene.logger, agentPatienceMs: patienceMs },
        askAgent: agentAsker({ ...scene.dependencies, ...world }, { pause }),
        leaveAgent: (caller, callKey) => cancelChild({ ...scene.dependencies, ...world }, caller, callKey),
      }),
      agents: scene.agents,
    })
    try {
      results.push([agentId, await scene.work(answerer, item, world)])
      taken.add(message)
    } finally {
      busy.delete(message)
    }
  }

  const nextMessage = (isFor: (item: (typeof scene.sent)[number]['item']) => boolean = () => true) =>
    scene.sent.find((message) => !taken.has(message) && !busy.has(message) && isFor(message.item))

  const everyone = async (): Promise<ExecutionRecord[]> => {
    const all = await scene.executions.getMany('acme', created)
    return all.sort((one, other) => created.indexOf(one.executionId) - created.indexOf(other.executionId))
  }

  /** What follows from the ends that nobody has followed yet. @returns whether there were any */
  async function follow(faults: Faults = {}): Promise<boolean> {
    const ended = (await everyone()).filter(({ status, executionId }) => hasEnded(status) && !followed.has(executionId))
    for (const record of ended) {
      const dependencies = { ...scene.dependencies, ...worldWith(faults) }
      await cancelChildren(dependencies, record)
      await wakeParent(dependencies, record)
      followed.add(record.executionId)
    }
    return ended.length > 0
  }

  /** Until nothing is to be done but to wait. */
  async function run(faults: Faults = {}, { deaf = false } = {}): Promise<void> {
    for (let round = 0; round < ROUNDS; round++) {
      const message = nextMessage()
      if (message) await work(message, faults)
      else if (deaf || !(await follow(faults))) return
    }
    throw new Error('it never comes to rest')
  }

  return {
    ...scene,
    results,
    run,
    follow,
    everyone,
    nextMessage,
    work: (message: (typeof scene.sent)[number], faults: Faults = {}) => work(message, faults),
    async submit(overrides: Partial<ExecutionRecord> = {}): Promise<ExecutionRecord> {
      const record = await scene.submit({ retry: { maxAttempts: 40, backoffSeconds: 0 }, timeoutSeconds: 43_200, ...overrides })
      created.push(record.executionId)
      return record
    },
    /** Time passes, and the sweeper sees to what was left behind, until everything has ended. */
    async recover(): Promise<void> {
      for (let round = 0; round < ROUNDS && (await everyone()).some(({ status }) => !hasEnded(status)); round++) {
        scene.later(LEASE_MS + 1)
        await scene.sweep()
        await run()
      }
    },
    /** Every execution ended as a whole, each has one stream without a gap, and nobody holds a slot. */
    async expectRest(status: ExecutionRecord['status'] = 'completed'): Promise<ExecutionRecord[]> {
      const all = await everyone()
      for (const record of all) {
        expect(record).toMatchObject({ status })
        expectWholeStream(await scene.events(record))
      }
      for (const { agentId } of agents) expect((await scene.admission.gate({ tenant: 'acme', agentId }))?.active).toEqual([])
      return all
    },
  }
}

/** What a viewer was told of the way and was not taken back: behind a checkpoint, a new attempt says it again. */
export function keptSteps(events: readonly ExecutionEvent[]): unknown[] {
  let kept: ExecutionEvent[] = []
  for (const event of events) {
    if (event.type === 'retrying') kept = kept.filter(({ sequence }) => sequence <= event.data.resumeFrom)
    else kept.push(event)
  }
  return kept
    .filter(({ type }) => type === 'thinking' || type === 'tool_call' || type === 'tool_result')
    .map(({ type, data }) => ({ type, data }))
}
