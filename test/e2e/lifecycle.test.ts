import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, describe, expect, inject, it, onTestFinished } from 'vitest'
import { messageExecutionId } from '#shared/executions/dispatch-message.ts'
import { newId } from '#shared/platform/ids.ts'
import { OUTPUT } from '#shared/platform/names.ts'
import { type Execution, executionSchema } from '#shared/protocol/execution.ts'
import type { CallRecord } from '../../localstack/scripted-llm/call-log.ts'
import { deployedCloud, eventually } from '../helpers/deployed-cloud.ts'

/** Visibility timeout of the queues during the pause, in seconds: three of them pass while the test waits. */
const VISIBILITY_SECONDS = 8
const LLM = { provider: 'openai', service: 'demo', model: 'scripted-1' }
/** Goes on for nearly as long as a call of a model may take, two minutes: who asks this cancels it. Slowly, since each piece of text is a write. */
const ENDLESS = '[[tokens=110 rate=1]] Go on, please.'
/** Time for many executions of one agent, of which each waits for the one before, in seconds. */
const MANY_SECONDS = 180

describe('lifecycle and admission', () => {
  const cloud = deployedCloud()
  const client = cloud.client()
  afterAll(() => client.close())

  async function anAgent(settings: Record<string, unknown> = {}): Promise<string> {
    const agentId = `agent-${newId()}`
    const body = { agentId, name: 'Lifecycle', topics: [agentId], llm: LLM, autoStart: true, ...settings }
    expect((await cloud.call('POST', '/v1/agents', { body })).status).toBe(201)
    return agentId
  }

  const verb = (agentId: string, name: string) => cloud.call('POST', `/v1/agents/${agentId}/${name}`)

  async function cancel(ids: string[]): Promise<void> {
    for (const id of ids) expect((await cloud.call('POST', `/v1/executions/${id}/cancel`)).status).toBe(202)
  }

  async function publish(agentId: string, count: number): Promise<string[]> {
    const ids = Array.from({ length: count }, (_, index) => `${agentId}-${String(index).padStart(2, '0')}`)
    for (const id of ids) {
      const data = { content: `[[tokens=5 rate=200]] ${id}` }
      await cloud.sendToIngress(
        JSON.stringify({ specversion: '1.0', id, type: 'question', source: 'test', topic: agentId, data }),
      )
    }
    return ids.map((id) => messageExecutionId('default', { source: 'test', id }, agentId))
  }

  async function find(executionId: string): Promise<Execution | undefined> {
    const { status, body } = await cloud.call('GET', `/v1/executions/${executionId}`)
    return status === 200 ? executionSchema.parse(body) : undefined
  }

  const allWith = (ids: string[], status: Execution['status'], seconds?: number) =>
    eventually(async () => {
      const executions: Execution[] = []
      // One after the other: an emulator starts a process for each call that is under way.
      for (const id of ids) {
        const execution = await find(id)
        if (execution?.status !== status) return undefined
        executions.push(execution)
      }
      return executions
    }, seconds)

  const modelCalls = async (agentId: string): Promise<CallRecord[]> => {
    const response = await fetch(new URL('/control/calls', inject('scriptedLlmUrl')))
    const { calls } = (await response.json()) as { calls: CallRecord[] }
    return calls.filter(({ prompt }) => prompt.includes(agentId))
  }

  const byStart = (executions: Execution[]): string[] =>
    [...executions].sort((a, b) => Date.parse(a.startedAt ?? '') - Date.parse(b.startedAt ?? '')).map((e) => e.executionId)

  it('holds 20 messages while the agent is paused, whatever time passes, and runs each once, in order, after resuming', async () => {
    const agentId = await anAgent({ maxConcurrency: 1 })
    const deadBefore = [await cloud.depth(OUTPUT.workDeadLetterQueueUrl), await cloud.depth(OUTPUT.ingressDeadLetterQueueUrl)]
    const hiddenBefore = await cloud.depth(OUTPUT.workQueueUrl)
    const restores: (() => Promise<unknown>)[] = []
    for (const queue of [OUTPUT.workQueueUrl, OUTPUT.ingressQueueUrl]) {
      const before = await cloud.setVisibility(queue, VISIBILITY_SECONDS)
      restores.push(() => cloud.setVisibility(queue, before))
    }
    const restoreVisibility = async () => {
      for (const restore of restores) await restore()
    }
    onTestFinished(restoreVisibility)
    expect((await verb(agentId, 'pause')).status).toBe(200)

    const ids = await publish(agentId, 20)
    await allWith(ids, 'queued')
    await pause(3 * VISIBILITY_SECONDS * 1_000 + 1_000)
    const held = await allWith(ids, 'queued')

    expect(held.map((execution) => [execution.held, execution.attempt])).toEqual(ids.map(() => [true, 0]))
    expect(await modelCalls(agentId)).toEqual([])
    // Nothing of them is in a queue, so nothing can be received too often.
    await eventually(async () => ((await cloud.depth(OUTPUT.ingressQueueUrl)) === 0 ? true : undefined))
    await eventually(async () => ((await cloud.depth(OUTPUT.workQueueUrl)) <= hiddenBefore ? true : undefined))
    await restoreVisibility()

    expect((await verb(agentId, 'resume')).status).toBe(200)
    const done = await allWith(ids, 'completed', MANY_SECONDS)

    expect(done.map((execution) => execution.attempt)).toEqual(ids.map(() => 1))
    expect(await modelCalls(agentId)).toHaveLength(20)
    const age = ({ createdAt, executionId }: Execution): string => `${createdAt} ${executionId}`
    const created = [...held].sort((a, b) => (age(a) < age(b) ? -1 : 1)).map((execution) => execution.executionId)
    expect(byStart(done)).toEqual(created)
    const dead = [await cloud.depth(OUTPUT.workDeadLetterQueueUrl), await cloud.depth(OUTPUT.ingressDeadLetterQueueUrl)]
    expect(dead).toEqual(deadBefore)
  }, 360_000)

  it('lets the eleventh of eleven wait until one of ten has ended', async () => {
    const agentId = await anAgent()
    const ten: string[] = []
    for (let index = 0; index < 10; index++) ten.push(await cloud.ask(agentId, ENDLESS))
    const eleventh = await cloud.ask(agentId, '[[tokens=5]] Short, please.')

    await allWith(ten, 'running', 100)
    const { body } = await cloud.call('GET', `/v1/executions/${eleventh}?position=true`)
    expect(body).toMatchObject({ status: 'queued', held: true, queue: { position: 1, waiting: 1 } })

    await cancel(ten.slice(0, 1))
    const [first] = await allWith(ten.slice(0, 1), 'cancelled')
    const [last] = await allWith([eleventh], 'completed')
    expect(Date.parse(last?.startedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(first?.endedAt ?? ''))
    await cancel(ten.slice(1))
    await allWith(ten, 'cancelled')
  }, 360_000)

  it('admits by priority, then by age, under contention', async () => {
    const agentId = await anAgent({ maxConcurrency: 1 })
    const ask = async (priority: number) => {
      const input = { content: `[[tokens=3 rate=30]] Priority ${priority}.` }
      const { body } = await cloud.call('POST', '/v1/executions', { body: { agentId, input, priority } })
      return { executionId: String(body.executionId), priority }
    }
    const first = await cloud.ask(agentId, ENDLESS)
    await allWith([first], 'running')
    const waiting: Awaited<ReturnType<typeof ask>>[] = []
    for (const priority of [1, 10, 5, 1, 10, 5, 10, 1]) waiting.push(await ask(priority))
    await cancel([first])

    const done = await allWith(
      waiting.map((one) => one.executionId),
      'completed',
      MANY_SECONDS,
    )

    const expected = [10, 5, 1].flatMap((priority) => waiting.filter((one) => one.priority === priority))
    expect(byStart(done)).toEqual(expected.map((one) => one.executionId))
  }, 300_000)

  it.each([
    ['in mid-stream', ENDLESS, true],
    ['before the first token', '[[delay=60000]]', false],
  ])('cancels a call of the model %s long before its end, and keeps what was said', async (_when, switches, hasText) => {
    const agentId = await anAgent()
    const stream = await client.run(agentId, `${switches} ${agentId}`)
    for await (const event of client.execution(stream.executionId)) {
      if (event.type === (hasText ? 'content_chunk' : 'started')) break
    }
    await eventually(async () => ((await modelCalls(agentId)).length > 0 ? true : undefined))

    const asked = Date.now()
    const { status } = await cloud.call('POST', `/v1/executions/${stream.executionId}/cancel`)
    expect(status).toBe(202)
    const call = await eventually(async () => (await modelCalls(agentId)).find(({ ended }) => ended))

    expect(call.aborted).toBe(true)
    const delay = (call.endedAt ?? Number.NaN) - asked
    console.log(`cancel ${_when}: the model's call was aborted after ${delay} ms`)
    expect(delay).toBeLessThan(15_000)
    const [ended] = await allWith([stream.executionId], 'cancelled')
    expect(ended?.error?.code).toBe('cancelled')
    expect((ended?.output?.text ?? '').length > 0).toBe(hasText)
    expect(await stream.done).toMatchObject({ status: 'cancelled', verified: true })
  })

  it('refuses verbs in the wrong order and names the right ones', async () => {
    const agentId = await anAgent({ autoStart: false })

    const { status, body } = await verb(agentId, 'pause')

    expect(status).toBe(409)
    expect(body).toMatchObject({ code: 'invalid_state', detail: expect.stringMatching(/start.*delete/) })
  })

  it('keeps messages of an agent that was never started, and works them off when it is', async () => {
    const agentId = await anAgent({ autoStart: false })
    const ids = await publish(agentId, 3)
    await allWith(ids, 'queued')

    expect((await verb(agentId, 'start')).status).toBeLessThan(300)

    await allWith(ids, 'completed')
  })

  it('stops by letting what runs end, keeps what waits, and goes on with it when it is started again', async () => {
    const agentId = await anAgent({ maxConcurrency: 1 })
    const long = await cloud.ask(agentId, '[[tokens=30 rate=2]] Fifteen seconds, please.')
    await allWith([long], 'running')
    const ids = await publish(agentId, 2)
    await allWith(ids, 'queued')

    await verb(agentId, 'stop')
    await allWith([long], 'completed')
    await eventually(async () => {
      await cloud.invoke('sweep', {})
      const { body } = await cloud.call('GET', `/v1/agents/${agentId}`)
      return body.status === 'stopped' ? true : undefined
    })
    expect((await Promise.all(ids.map(find))).map((execution) => execution?.status)).toEqual(['queued', 'queued'])

    await verb(agentId, 'start')
    await allWith(ids, 'completed')
  }, 360_000)
})
