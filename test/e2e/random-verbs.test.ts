import { describe, expect, it } from 'vitest'
import { messageExecutionId } from '#shared/executions/dispatch-message.ts'
import { newId } from '#shared/platform/ids.ts'
import { eventPageSchema } from '#shared/protocol/execution.ts'
import { isTerminalEvent } from '#shared/protocol/terminal-events.ts'
import { seededRandom } from '../../bench/random.ts'
import { deployedCloud, eventually } from '../helpers/deployed-cloud.ts'

const STEPS = 60
/** A message that failed comes again within seconds at first, and at the end of its visibility timeout, three minutes, when it has failed often. */
const SECONDS_TO_REST = 240
const LLM = { provider: 'openai', service: 'demo', model: 'scripted-1' }

/** The simulation of `test/faults`, a little of it, against real queues, tables and workers. */
describe('random verbs, messages and deliveries', () => {
  const cloud = deployedCloud()

  it('end everything once, whole, and leave no slot and nobody waiting', async () => {
    const seed = Date.now() % 1_000_000
    const random = seededRandom(seed)
    const agentId = `random-${newId()}`
    const body = {
      agentId,
      name: 'Random',
      topics: [agentId],
      llm: LLM,
      maxConcurrency: 3,
      autoStart: true,
      retry: { backoffSeconds: 0.1 },
    }
    expect((await cloud.call('POST', '/v1/agents', { body })).status).toBe(201)
    const executionIds = new Set<string>()
    const agent = (verb: string) => cloud.call('POST', `/v1/agents/${agentId}/${verb}`)
    const execution = (verb: string, body?: unknown) =>
      cloud.call('POST', `/v1/executions/${random.pick([...executionIds, 'none'])}/${verb}`, { body })

    const actions: Record<string, () => Promise<unknown>> = {
      publish: async () => {
        const id = `m-${executionIds.size}`
        const content = random.chance(0.2) ? '[[cut=2 times=1 tokens=6 rate=100]] Go on.' : '[[tokens=6 rate=60]] Go on.'
        const message = { specversion: '1.0', id, type: 'go', source: 'test', topic: agentId, priority: 1 + random.below(10) }
        const text = JSON.stringify({ ...message, data: { content } })
        executionIds.add(messageExecutionId('default', { source: 'test', id }, agentId))
        // Half of them come twice.
        await cloud.sendToIngress(text)
        if (random.chance(0.5)) await cloud.sendToIngress(text)
      },
      ask: async () => {
        const input = { content: '[[tokens=8 rate=40]] And you?' }
        const { status, body } = await cloud.call('POST', '/v1/executions', {
          body: { agentId, input, priority: 1 + random.below(10) },
        })
        if (status === 202) executionIds.add(String(body.executionId))
      },
      deliverAgain: () => cloud.sendToWork('default', random.pick([...executionIds, 'none'])),
      pause: () => agent('pause'),
      resume: () => agent('resume'),
      stop: () => agent('stop'),
      start: () => agent('start'),
      cancel: () => execution('cancel'),
      changePriority: () => execution('priority', { priority: 1 + random.below(10) }),
      sweep: () => cloud.invoke('sweep', {}),
    }
    const names = [...Object.keys(actions), 'publish', 'publish', 'publish', 'ask', 'ask', 'resume', 'start']
    for (let step = 0; step < STEPS; step++) await actions[random.pick(names)]?.()

    const atRest = await eventually(async () => {
      for (const verb of ['start', 'resume']) await agent(verb)
      await cloud.invoke('sweep', {})
      const { body } = await cloud.call('GET', `/v1/agents/${agentId}/queue`)
      if (body.active !== 0 || body.waiting !== 0) return undefined
      const found: Record<string, unknown>[] = []
      // One after the other: an emulator starts a process for each call that is under way.
      for (const id of executionIds) {
        const { status, body } = await cloud.call('GET', `/v1/executions/${id}`)
        if (status !== 200 || body.endedAt === undefined) return undefined
        found.push(body)
      }
      return found
    }, SECONDS_TO_REST).catch((error: unknown) => {
      throw new Error(`seed ${seed}`, { cause: error })
    })

    const endings = Object.groupBy(atRest, ({ status }) => String(status))
    console.log(
      `seed ${seed}:`,
      Object.entries(endings)
        .map(([status, all]) => `${all?.length} ${status}`)
        .join(', '),
    )
    for (const executionId of executionIds) {
      const { body } = await cloud.call('GET', `/v1/executions/${executionId}/events?limit=1000`)
      const { events } = eventPageSchema.parse(body)
      expect(
        events.map(({ sequence }) => sequence),
        `seed ${seed}`,
      ).toEqual(events.map((_, index) => index))
      expect(events.filter(isTerminalEvent), `seed ${seed}`).toEqual([events.at(-1)])
    }
    const { body: list } = await cloud.call('GET', `/v1/executions?agentId=${agentId}&limit=100`)
    expect((list.executions as unknown[]).length, `seed ${seed}: nobody asked for more`).toBe(executionIds.size)
  }, 360_000)
})
