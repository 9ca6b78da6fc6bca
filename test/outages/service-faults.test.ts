import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { messageExecutionId } from '#shared/executions/dispatch-message.ts'
import { newId } from '#shared/platform/ids.ts'
import { type FunctionName, OUTPUT } from '#shared/platform/names.ts'
import { eventPageSchema } from '#shared/protocol/execution.ts'
import { deployedCloud, eventually } from '../helpers/deployed-cloud.ts'
import { type FaultProxy, startFaultProxy } from '../helpers/fault-proxy.ts'
import { expectWholeAnswer } from '../helpers/stream-proof.ts'

const MESSAGES = 40
/** Functions whose calls of AWS fail now and then. */
const FUNCTIONS: FunctionName[] = ['http', 'dispatch', 'execute', 'changes']
const LLM = { provider: 'openai', service: 'demo', model: 'scripted-1' }
/**
 * Longest way back from a call that failed, in seconds: a message that fails a fourth time comes again at the end of its visibility timeout, three
 * minutes; what a worker let go of waits for the end of its lease and for the sweeper, which comes every minute.
 */
const WAY_BACK_SECONDS = 240

describe('services that fail', () => {
  const cloud = deployedCloud()
  const client = cloud.client()
  let proxy: FaultProxy
  beforeAll(async () => {
    proxy = await startFaultProxy(cloud.endpointUrl, { services: true })
    for (const name of FUNCTIONS) await cloud.redirect(name, proxy.url)
  })
  afterAll(async () => {
    client.close()
    for (const name of FUNCTIONS) await cloud.redirect(name, undefined)
    await proxy.close()
  })

  async function anAgent(): Promise<string> {
    const agentId = `faults-${newId()}`
    const body = { agentId, name: 'Faults', topics: [agentId], llm: LLM, maxConcurrency: 8, autoStart: true }
    // A call that failed is made again: the id says that it is the same.
    await eventually(async () =>
      [201, 409].includes((await cloud.call('POST', '/v1/agents', { body })).status) ? true : undefined,
    )
    return agentId
  }

  it('tables that throttle and lose answers, and a bus that refuses: each message runs once, and ends whole', async () => {
    const agentId = await anAgent()
    const source = '/principals/tester'
    const deadBefore = await cloud.depth(OUTPUT.ingressDeadLetterQueueUrl)
    const keys = Array.from({ length: MESSAGES }, (_, index) => `${agentId}-${index}`)

    for (const key of keys) {
      const request = {
        body: { id: key, data: { content: `[[tokens=20 rate=200]] ${key}` } },
        headers: { 'idempotency-key': key },
      }
      await eventually(async () => {
        const { status } = await cloud.call('POST', `/v1/topics/${agentId}/messages`, request)
        return status === 202 ? true : undefined
      })
    }
    for (const key of keys) {
      const executionId = messageExecutionId('default', { source, id: key }, agentId)
      const ended = await eventually(async () => {
        const { status, body } = await cloud.call('GET', `/v1/executions/${executionId}`)
        return status === 200 && body.endedAt !== undefined ? body : undefined
      }, WAY_BACK_SECONDS)
      expect(ended).toMatchObject({ status: 'completed' })
      const page = await eventually(async () => {
        const { status, body } = await cloud.call('GET', `/v1/executions/${executionId}/events?limit=1000`)
        return status === 200 ? body : undefined
      })
      expectWholeAnswer(eventPageSchema.parse(page).events)
    }

    const { tables, bus } = proxy.counts
    console.log(`${MESSAGES} messages: ${tables} calls of tables and ${bus} of the bus failed`)
    expect(Math.min(tables, bus)).toBeGreaterThan(3)
    expect(await cloud.depth(OUTPUT.ingressDeadLetterQueueUrl)).toBe(deadBefore)
    const queue = await eventually(async () => {
      const { status, body } = await cloud.call('GET', `/v1/agents/${agentId}/queue`)
      return status === 200 && body.active === 0 ? body : undefined
    })
    expect(queue).toMatchObject({ active: 0, waiting: 0 })
  }, 600_000)

  it('a store of large data that is slow: the message runs once, with all of its data', async () => {
    const agentId = await anAgent()
    const data = { content: `[[tokens=5]] ${'x'.repeat(300_000)}` }

    for (const id of ['large-1', 'large-2']) {
      await eventually(async () => {
        const { status } = await cloud.call('POST', `/v1/topics/${agentId}/messages`, { body: { id, data } })
        return status === 202 ? true : undefined
      })
      const executionId = messageExecutionId('default', { source: '/principals/tester', id }, agentId)
      await eventually(async () => {
        const { status, body } = await cloud.call('GET', `/v1/executions/${executionId}`)
        return status === 200 && body.status === 'completed' ? true : undefined
      }, WAY_BACK_SECONDS)
    }

    expect(proxy.counts.objects).toBeGreaterThan(0)
  }, 600_000)

  it('a new version of the worker in mid-stream: the stream goes on to its end', async () => {
    const stream = await client.run('assistant', '[[tokens=200 rate=40]] A long story, please.')
    for await (const event of client.execution(stream.executionId)) if (event.type === 'content_chunk') break

    await cloud.redirect('execute', undefined)
    await cloud.redirect('execute', proxy.url)
    // The sweeper comes every minute; the lease ends after half of one.
    await eventually(async () => {
      await cloud.invoke('sweep', {})
      const { body } = await cloud.call('GET', `/v1/executions/${stream.executionId}`)
      return Number(body.attempt) >= 2 || body.status === 'completed' ? true : undefined
    }, WAY_BACK_SECONDS)

    expect(await stream.done).toMatchObject({ status: 'completed', verified: true })
  }, 600_000)
})
