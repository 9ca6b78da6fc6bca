import { describe, expect, it } from 'vitest'
import { memoryConversationStore } from '#shared/conversations/memory-conversation-store.ts'
import { auditRecordSchema } from '#shared/protocol/audit.ts'
import { anAgent } from '../../../helpers/executions.ts'
import { messagingWorld } from '../../../helpers/messaging.ts'
import { socketDoor } from '../../../helpers/socket-door.ts'

const SECRET = 'sk-proj-9f8A7b6C5d4E3f2G1h0I'
const request = (agentId = 'assistant') => ({
  message_type: 'agent_request',
  id: SECRET,
  payload: { agentId, input: { content: SECRET }, subscribe: false },
})

async function door() {
  const opened = socketDoor()
  await opened.dependencies.agents.create('acme', anAgent())
  const records = () =>
    opened.auditLog.written.map(({ tenant, record }) => {
      const { door: at, action, code, subject } = auditRecordSchema.parse(record)
      return [tenant, subject, at, action, code]
    })
  return { ...opened, records }
}

describe('the audit log of sockets', () => {
  it('has what was asked for and cancelled, once, and nothing of what only looks', async () => {
    const { open, send, records, auditLog } = await door()
    await open()
    const [accepted] = await send(request())
    const executionId = accepted?.message_type === 'agent_request_accepted' ? accepted.payload.executionId : ''

    await send({ message_type: 'cancel', payload: { executionId } })
    await send({ message_type: 'ping' })
    await send({ message_type: 'subscribe', payload: { topic: 'orders' } })
    await send(request('nobody'))

    expect(records()).toEqual([
      ['acme', 'ada', 'socket', 'agent_request', undefined],
      ['acme', 'ada', 'socket', 'cancel', undefined],
      ['acme', 'ada', 'socket', 'agent_request', 'not_found'],
    ])
    expect(auditLog.written[0]?.record).toMatchObject({ resource: `/v1/executions/${executionId}`, status: 202 })
    expect(JSON.stringify(auditLog.written)).not.toContain(SECRET)
  })

  it('does not keep the answer waiting, and is waited for', async () => {
    const { promise: written, resolve: write } = Promise.withResolvers<void>()
    const { open, send, poster, dependencies } = socketDoor({ audit: () => written })
    await dependencies.agents.create('acme', anAgent())
    await open()
    let isOver = false

    const sent = send(request()).finally(() => {
      isOver = true
    })
    await expect.poll(() => poster.framesOf('c1').map(({ message_type }) => message_type)).toEqual(['agent_request_accepted'])

    expect(isOver).toBe(false)
    write()
    await sent
  })

  it('has who was not let in', async () => {
    const { open, send, connect, records, auditLog } = await door()
    await connect({ query: { ticket: SECRET } }, 'c0')
    await open({ scopes: ['agents:read'] })
    await send({ message_type: 'subscribe', payload: { topic: 'orders' } })
    await send(request())
    await open({ expiresAt: 0 }, 'c2')
    await send({ message_type: 'ping' }, { connectionId: 'c2' })
    await open({}, 'c3', { principal: undefined })
    await send({ message_type: 'authenticate', payload: { ticket: SECRET } }, { connectionId: 'c3' })

    expect(records()).toEqual([
      ['-', undefined, 'socket', 'connect', 'unauthorized'],
      ['acme', 'ada', 'socket', 'subscribe', 'forbidden'],
      ['acme', 'ada', 'socket', 'agent_request', 'forbidden'],
      ['acme', 'ada', 'socket', 'ping', 'unauthorized'],
      ['-', undefined, 'socket', 'authenticate', 'unauthorized'],
    ])
    expect(JSON.stringify(auditLog.written)).not.toContain(SECRET)
  })

  it('has a mutation that was cut off', async () => {
    const { dependencies } = socketDoor()
    const { sent: _, ...messaging } = messagingWorld(dependencies.clock)
    const hanging = { ...dependencies.agents, get: () => new Promise<undefined>(() => {}) }
    const stores = { ...messaging, agents: hanging, conversations: memoryConversationStore() }
    const { open, send, auditLog } = socketDoor({ graphql: async () => ({ ...dependencies, ...stores }) })
    await open({}, 'c1', { protocol: 'graphql-transport-ws' })
    const query = 'mutation { createExecution(input: { agentId: "support", input: 1 }) { executionId } }'

    await send({ id: '1', type: 'subscribe', payload: { query } }, { remainingMs: 4_000 })

    expect(auditLog.written).toMatchObject([{ record: { door: 'graphql', action: 'createExecution', outcome: 'failed' } }])
  })

  it('names no frame by what a client calls it', async () => {
    const { open, send, records } = await door()
    await open({ expiresAt: 0 })

    await send({ message_type: SECRET })

    expect(records()).toEqual([['acme', 'ada', 'socket', 'unknown', 'unauthorized']])
  })
})
