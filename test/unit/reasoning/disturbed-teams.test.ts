import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { changeAgentStatus } from '#shared/executions/change-agent-status.ts'
import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import { hasEnded } from '#shared/executions/execution-status.ts'
import { settleAgent } from '#shared/executions/settle-agent.ts'
import { waitedMsOf } from '#shared/executions/waited-ms-of.ts'
import type { LlmRequest } from '#shared/llm/llm-provider.ts'
import type { StopPolicy } from '#shared/protocol/agent.ts'
import type { AgentVerb } from '#shared/protocol/agent-lifecycle.ts'
import type { Tool } from '#shared/protocol/tool.ts'
import { forEveryStep } from '../../helpers/crashes.ts'
import type { SaidTurn } from '../../helpers/reasoning.ts'
import { expectWholeStream } from '../../helpers/stream-proof.ts'
import { town } from '../../helpers/town.ts'
import { NEVER } from '../../helpers/worker.ts'

const HOUR_MS = 3_600_000
const EXPERTS = ['expert', 'clerk']

const asking = (agentId: string): Tool => ({ type: 'agent', name: `ask_${agentId}`, description: `Asks ${agentId}.`, agentId })

/** The head asks both, and says what it was told. */
function says(agentId: string, { messages }: LlmRequest): SaidTurn {
  if (agentId !== 'assistant') return { say: `By ${agentId}.` }
  const told = messages.filter(({ role }) => role === 'tool').map(({ content }) => String(content))
  if (told.length > 0) return { say: told.join(' ') }
  return { calls: EXPERTS.map((other) => ({ tool: `ask_${other}`, input: { content: 'What is it?' } })) }
}

type Scene = Awaited<ReturnType<typeof scene>>

const scene = () =>
  town({
    agents: [
      { agentId: 'assistant', maxConcurrency: 1, tools: EXPERTS.map(asking) },
      ...EXPERTS.map((agentId) => ({ agentId, maxConcurrency: 1 })),
    ],
    says,
  })

/** Everything has ended, each in one whole stream, and nobody holds a slot. */
async function expectAllEnded({ everyone, events, admission }: Scene): Promise<ExecutionRecord[]> {
  const all = await everyone()
  for (const record of all) {
    expect(hasEnded(record.status)).toBe(true)
    expectWholeStream(await events(record))
  }
  for (const agentId of ['assistant', ...EXPERTS])
    expect(await admission.gate({ tenant: 'acme', agentId })).toMatchObject({ active: [], waiting: 0 })
  return all
}

const to = ({ dependencies, agents }: Scene, agentId: string, verb: AgentVerb, policy?: StopPolicy) =>
  changeAgentStatus({ ...dependencies, agents }, { tenant: 'acme', agentId }, verb, { policy })

/** An agent that is on its way to a stop arrives there, as the sweeper has it, and is started. */
async function startAgain(one: Scene, agentId: string): Promise<void> {
  const agent = await one.agents.get('acme', agentId)
  if (agent) await settleAgent({ ...one.dependencies, agents: one.agents }, { tenant: 'acme', agentId }, agent, NEVER)
  await to(one, agentId, 'start')
}

// Time runs as fast as everybody waits for it.
beforeEach(() => void vi.useFakeTimers().setTimerTickMode('nextTimerAsync'))
afterEach(() => void vi.useRealTimers())

describe('agents that wait for others come to their ends', () => {
  it('whenever the head is cancelled, with all that it has asked', async () => {
    const moments = await forEveryStep(async (interruptedBy) => {
      const one = await scene()
      const record = await one.submit()

      await one.run(interruptedBy(() => one.cancel(record).catch(() => undefined)))
      await one.recover()

      const [head, ...asked] = await expectAllEnded(one)
      expect(['cancelled', 'completed']).toContain(head?.status)
      for (const { status } of asked) expect(['cancelled', 'completed']).toContain(status)
    })

    expect(moments).toBeGreaterThan(20)
  }, 60_000)

  it('whenever one of those is cancelled that are waited for', async () => {
    await forEveryStep(async (interruptedBy) => {
      const one = await scene()
      await one.submit()

      await one.run(
        interruptedBy(async () => {
          const expert = (await one.everyone()).find(({ agentId }) => agentId === 'expert')
          if (expert) await one.cancel(expert).catch(() => undefined)
        }),
      )
      await one.recover()

      const [head] = await expectAllEnded(one)
      expect(head?.output?.text).toMatch(/^(By expert\.|the agent "expert" cancelled: .*) By clerk\.$/)
    })
  }, 60_000)

  it.each(['assistant', 'expert'])(
    'whenever %s is paused, once it goes on',
    async (agentId) => {
      await forEveryStep(async (interruptedBy) => {
        const one = await scene()
        await one.submit()

        await one.run(interruptedBy(() => to(one, agentId, 'pause')))
        if ((await one.agents.get('acme', agentId))?.status === 'paused') await to(one, agentId, 'resume')
        await one.run()

        await one.expectRest()
      })
    },
    60_000,
  )

  it('though the head is paused for hours when it is woken: that time is not its own', async () => {
    const one = await scene()
    const record = await one.submit({ timeoutSeconds: 60 })
    await one.run({}, { deaf: true })
    await to(one, 'assistant', 'pause')
    await one.run()
    expect((await one.stored(record)).place).toBeDefined()
    one.later(2 * HOUR_MS)
    await to(one, 'assistant', 'resume')
    await one.run()

    const [head] = await one.expectRest()
    expect(head).toMatchObject({ attempt: 1, output: { text: 'By expert. By clerk.' } })
    expect(waitedMsOf(head as ExecutionRecord)).toBeGreaterThanOrEqual(2 * HOUR_MS)
  })

  it('whenever an agent is deleted that is asked', async () => {
    await forEveryStep(async (interruptedBy) => {
      const one = await scene()
      await one.submit()

      await one.run(interruptedBy(() => to(one, 'clerk', 'delete')))
      await one.recover()

      for (const record of await one.everyone()) expect(hasEnded(record.status)).toBe(true)
      expect((await one.everyone())[0]).toMatchObject({ status: 'completed' })
    })
  }, 60_000)

  it('whenever the head is stopped with all that it does: it does not go on when it is started again', async () => {
    await forEveryStep(async (interruptedBy) => {
      const one = await scene()
      const record = await one.submit()
      let atStop: ExecutionRecord | undefined

      await one.run(
        interruptedBy(async () => {
          await to(one, 'assistant', 'stop', 'cancel')
          atStop = await one.stored(record)
        }),
      )
      if (atStop) await startAgain(one, 'assistant')
      await one.recover()

      const [head, ...asked] = await expectAllEnded(one)
      const wasDone = !atStop || atStop.status === 'running' || hasEnded(atStop.status)
      if (!wasDone) expect(head).toMatchObject({ status: 'cancelled', fence: atStop?.fence })
      for (const { status } of [head, ...asked].filter((each) => each !== undefined))
        expect(['cancelled', 'completed']).toContain(status)
    })
  }, 60_000)

  it('whatever message comes twice', async () => {
    const one = await scene()
    twice(one)
    await one.submit()

    await one.run()

    const all = await one.expectRest()
    expect(all.map(({ agentId }) => agentId)).toEqual(['assistant', ...EXPERTS])
    expect(all[0]?.output?.text).toBe('By expert. By clerk.')
  })

  it('whenever another worker does the same', async () => {
    await forEveryStep(async (interruptedBy) => {
      const one = await scene()
      twice(one)
      await one.submit()

      await one.run(
        interruptedBy(async () => {
          const same = one.nextMessage(({ agentId }) => agentId === 'assistant')
          if (same) await one.work(same)
        }),
      )

      const [head] = await one.expectRest()
      expect(head?.output?.text).toBe('By expert. By clerk.')
    })
  }, 60_000)
})

/** Every message that is sent from here on comes twice. */
function twice({ sent }: Scene): void {
  const send = sent.push.bind(sent)
  sent.push = (...messages) => send(...messages.flatMap((message) => [message, structuredClone(message)]))
}
