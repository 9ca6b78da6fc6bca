import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { messageExecutionId } from '#shared/executions/dispatch-message.ts'
import { newId } from '#shared/platform/ids.ts'
import { factPageSchema, topicEventPageSchema } from '#shared/protocol/execution.ts'
import type { LifecycleEvent } from '#shared/protocol/lifecycle-event.ts'
import { lifecycleEventSchemaOf } from '#shared/protocol/lifecycle-event-data.ts'
import type { FactEvent } from '#shared/protocol/stream-event.ts'
import { deployedCloud, eventually } from '../helpers/deployed-cloud.ts'
import { openSocket, ticketOffer } from '../helpers/raw-socket.ts'

const LLM = { provider: 'openai', service: 'demo', model: 'scripted-1' }

describe('lifecycle events', () => {
  const cloud = deployedCloud()

  async function anAgent(): Promise<string> {
    const agentId = `told-${newId()}`
    const body = { agentId, name: 'Told', topics: [agentId], llm: LLM, autoStart: true }
    expect((await cloud.call('POST', '/v1/agents', { body })).status).toBe(201)
    return agentId
  }

  async function facts(query: Record<string, string>): Promise<LifecycleEvent[]> {
    const { body } = await cloud.call('GET', `/v1/events?${new URLSearchParams(query)}`)
    return factPageSchema.parse(body).events.map(({ data }) => data)
  }

  /** The facts of an agent, once this one is among them. */
  const factsUntil = (agent: string, last: LifecycleEvent['type']) =>
    eventually(async () => {
      const found = await facts({ agent, limit: '1000' })
      return found.some(({ type }) => type === last) ? found : undefined
    })

  const send = (topic: string, id: string, fields: Record<string, unknown> = {}) =>
    cloud.sendToIngress(
      JSON.stringify({ specversion: '1.0', id, type: 'question', source: 'test', topic, data: { content: 'Hello.' }, ...fields }),
    )

  it('tell the life of an agent and of a message, in order, each once', async () => {
    const agentId = await anAgent()
    await send(agentId, 'm-1')
    await factsUntil(agentId, 'message.processed')
    await cloud.call('POST', `/v1/agents/${agentId}/pause`)

    const events = await factsUntil(agentId, 'agent.paused')

    for (const event of events) lifecycleEventSchemaOf(event.type).parse(event)
    const ofExecution = events.filter(({ type }) => !type.startsWith('agent.'))
    expect(ofExecution.map(({ type }) => type)).toEqual([
      'execution.queued',
      'message.received',
      'execution.started',
      'execution.completed',
      'message.processed',
    ])
    const executionId = messageExecutionId('default', { source: 'test', id: 'm-1' }, agentId)
    expect(ofExecution.every(({ data }) => data.executionId === executionId && data.messageId === 'm-1')).toBe(true)
    const ofAgent = events.filter(({ type }) => type.startsWith('agent.')).map(({ type }) => type)
    expect(ofAgent[0]).toBe('agent.created')
    expect(ofAgent).toContain('agent.started')
    expect(ofAgent.slice(-2)).toEqual(['agent.paused', 'agent.status_changed'])
    // The tenant's channel is another one than the agent's.
    const paused = await eventually(async () => {
      const found = await facts({ type: 'agent.paused', since: events[0]?.time ?? '' })
      const ofThisOne = found.filter(({ data }) => data.agentId === agentId)
      return ofThisOne.length > 0 ? ofThisOne : undefined
    })
    expect(paused).toHaveLength(1)
  })

  it('reach who follows the agent, on the socket', async () => {
    const agentId = await anAgent()
    await factsUntil(agentId, 'agent.created')
    const socket = await openSocket(cloud.frontDoorUrl, ticketOffer(await cloud.ticket()))
    socket.send({ message_type: 'subscribe', payload: { channel: `agent:${agentId}`, after: -1 } })
    const { subscription } = (await socket.next('subscription_confirmed')).payload

    await send(agentId, 'm-1')
    await socket.untilEvent(subscription, (event) => event.type === 'lifecycle' && event.data.type === 'message.processed')

    const events = socket.eventsOf(subscription) as FactEvent[]
    expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => index))
    expect(events.map(({ data }) => data.id)).toEqual((await facts({ agent: agentId })).map(({ id }) => id))
  })

  it('come with the reply that a message asked for', async () => {
    const [agentId, replyTo] = [await anAgent(), `replies-${newId()}`]

    await send(agentId, 'm-1', { replyTo, correlationId: 'c-1' })

    const [reply] = await eventually(async () => {
      const { body } = await cloud.call('GET', `/v1/topics/${replyTo}/events`)
      const { events } = topicEventPageSchema.parse(body)
      return events.length > 0 ? events : undefined
    })
    const executionId = messageExecutionId('default', { source: 'test', id: 'm-1' }, agentId)
    expect(reply?.data).toMatchObject({
      type: 'response',
      source: `/agents/${agentId}`,
      correlationId: 'c-1',
      parentId: executionId,
      depth: 1,
      data: { executionId, agent_id: agentId, status: 'completed', text: expect.stringMatching(/\S/) },
    })
  })

  it('are told after an outage, each once and in order', async () => {
    const agentId = await anAgent()
    await factsUntil(agentId, 'agent.created')
    let refused = 0
    const outage = createServer((_request, response) => {
      refused += 1
      response.writeHead(503).end()
    })
    await new Promise<void>((resolve) => outage.listen(0, '127.0.0.1', resolve))
    const backAgain = async () => {
      await cloud.redirect('changes', undefined)
      outage.closeAllConnections()
      outage.close()
    }
    onTestFinished(backAgain)
    await cloud.redirect('changes', `http://127.0.0.1:${(outage.address() as AddressInfo).port}`)

    await send(agentId, 'm-1')
    await eventually(async () => (refused > 0 ? true : undefined))
    await backAgain()

    const events = await factsUntil(agentId, 'message.processed')
    const types = events.map(({ type }) => type).filter((type) => !type.startsWith('agent.'))
    expect(types).toEqual([
      'execution.queued',
      'message.received',
      'execution.started',
      'execution.completed',
      'message.processed',
    ])
  })

  it.each(['agents:read', 'executions:read'] as const)('need more than the scope %s on the socket', async (scope) => {
    const agentId = await anAgent()
    const socket = await openSocket(cloud.frontDoorUrl, ticketOffer(await cloud.ticket({ scopes: [scope] })))

    for (const channel of ['all', `agent:${agentId}`]) {
      socket.send({ message_type: 'subscribe', payload: { channel } })
      expect((await socket.next('error')).payload.code).toBe('forbidden')
    }
  })

  it('show nothing of another tenant', async () => {
    const agentId = await anAgent()
    await factsUntil(agentId, 'agent.created')

    const { body } = await cloud.call('GET', `/v1/events?agent=${agentId}`, { caller: { tenant: 'stranger' } })

    expect(body).toEqual({ events: [], next: -1 })
  })
})
