import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { hasEnded } from '#shared/executions/execution-status.ts'
import { LEASE_MS } from '#shared/executions/lease-keeper.ts'
import { llmAnswerer } from '#shared/executions/llm-answerer.ts'
import type { RunDependencies } from '#shared/executions/run.ts'
import type { LlmRequest } from '#shared/llm/llm-provider.ts'
import { memoryLlmProviders } from '#shared/llm/memory-llm-providers.ts'
import type { LlmAgent } from '#shared/protocol/agent.ts'
import { type Crasher, forEveryCrash } from '../../helpers/crashes.ts'
import { anAgent } from '../../helpers/executions.ts'
import { fakeToolbox, type SaidTurn, turnEvents } from '../../helpers/reasoning.ts'
import { workerScene } from '../../helpers/worker.ts'

/** More rounds than any crash here needs. */
const ROUNDS = 12
const READ = { type: 'builtin' as const, name: 'current_time' as const }

/** What a model says to a request; the same request is always answered the same. */
type Model = (request: LlmRequest) => SaidTurn

/** Goes through a script: the turns that the request already has are behind it. */
const following =
  (script: readonly SaidTurn[]): Model =>
  ({ messages }) =>
    script[messages.filter(({ role }) => role === 'assistant').length] ?? { say: 'Done.' }

/** An agent with a tool that may be called twice and one that may not, and workers that come after each other. */
async function workshop(pattern: NonNullable<LlmAgent['reasoningPattern']>, model: Model) {
  const scene = await workerScene(anAgent({ reasoningPattern: pattern, tools: [READ] }))
  const record = await scene.submit({ retry: { maxAttempts: 20, backoffSeconds: 0 }, timeoutSeconds: 43_200 })
  const toolbox = fakeToolbox({ read: {}, pay: { repeatable: false } })
  const providers = memoryLlmProviders(async function* (request) {
    yield* turnEvents(model(request))
  })

  const live = (crasher?: Crasher): Promise<unknown> => {
    const fragile = crasher ? crasher.steps(toolbox, ['run']) : toolbox
    const answerer = llmAnswerer({ providers, toolboxes: { open: async () => fragile, leave: async () => undefined } })
    const faults: Partial<RunDependencies> = crasher
      ? {
          executions: crasher.steps(scene.executions, ['acquire', 'saveCheckpoint', 'end']),
          log: crasher.steps(scene.log, ['append', 'read', 'lastSequence']),
        }
      : {}
    return scene.work(answerer, record, faults)
  }

  return {
    live,
    async recover(): Promise<void> {
      for (let round = 0; round < ROUNDS && !hasEnded((await scene.stored(record)).status); round++) {
        scene.later(LEASE_MS + 1)
        await live()
      }
    },
    /** The text of an execution that ended well, and the keys of the calls that were made. */
    async ended(): Promise<{ text: string | undefined; keys: string[]; paid: string[] }> {
      const { output } = await scene.expectEnd(record, 'completed')
      const made = toolbox.made.map(({ key, call }) => ({ key: key.replace(record.executionId, ''), name: call.toolName }))
      return {
        text: output?.text,
        keys: [...new Set(made.map(({ key }) => key))],
        paid: made.filter(({ name }) => name === 'pay').map(({ key }) => key),
      }
    },
  }
}

/** The answer that nobody interrupted, and the same wherever the worker is killed: nothing is said twice, and nothing is done twice. */
async function expectSameAnswer(pattern: NonNullable<LlmAgent['reasoningPattern']>, model: Model): Promise<number> {
  const calm = await workshop(pattern, model)
  await calm.live()
  const expected = await calm.ended()

  return forEveryCrash(async (crasher) => {
    const { live, recover, ended } = await workshop(pattern, model)

    await crasher.run(() => live(crasher))
    await recover()

    const { text, keys, paid } = await ended()
    expect(text).toBe(expected.text)
    expect(paid).toEqual([...new Set(paid)])
    for (const key of keys) expect(expected.keys).toContain(key)
  })
}

const turns = fc.array(
  fc.record({
    say: fc.constantFrom('', 'Let me see.', 'Ümläute — and 水.'),
    calls: fc.array(fc.record({ tool: fc.constantFrom('read', 'pay', 'unknown'), id: fc.constantFrom('a', 'b', 'call_0') }), {
      minLength: 1,
      maxLength: 6,
    }),
  }),
  { maxLength: 3 },
)

describe('an answer in steps', () => {
  // Time runs as fast as everybody waits for it.
  beforeEach(() => void vi.useFakeTimers().setTimerTickMode('nextTimerAsync'))
  afterEach(() => void vi.useRealTimers())

  it('is the same wherever its worker is killed, whatever the model asks for', async () => {
    await fc.assert(
      fc.asyncProperty(turns, async (script) => {
        const model = following([...script, { say: 'The answer.' }])
        expect(await expectSameAnswer('react', model)).toBeGreaterThan(3)
      }),
      { numRuns: 25 },
    )
  }, 120_000)

  it('is the same after a plan', async () => {
    const model: Model = ({ messages, output, tools }) => {
      if (output) return { say: '{"steps":["look","pay"]}' }
      if (!tools) return { say: 'All is paid.' }
      const called = messages.some(({ role }) => role === 'tool')
      return called ? { say: 'It is done.' } : { calls: [{ tool: 'pay' }, { tool: 'read' }] }
    }

    expect(await expectSameAnswer('plan_and_execute', model)).toBeGreaterThan(15)
  }, 60_000)

  it('is the same after drafts', async () => {
    const model: Model = ({ messages, output, toolChoice }) => {
      const said = messages.findLast(({ role }) => role === 'assistant')?.content
      if (output)
        return { say: said === 'A better draft.' ? '{"good":true,"problems":""}' : '{"good":false,"problems":"too short"}' }
      if (toolChoice === 'none') return { say: 'A better draft.' }
      return messages.some(({ role }) => role === 'tool') ? { say: 'A draft.' } : { calls: [{ tool: 'pay' }] }
    }

    expect(await expectSameAnswer('reflection', model)).toBeGreaterThan(8)
  }, 60_000)
})
