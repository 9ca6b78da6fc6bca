import { describe, expect, it } from 'vitest'
import { memorySecretStates } from '#shared/platform/memory-secret-states.ts'
import { capabilitiesSchema } from '#shared/protocol/capabilities.ts'
import { queueListSchema } from '#shared/protocol/queue.ts'
import { secretListSchema } from '#shared/protocol/secret.ts'
import { anAgent } from '../../../helpers/executions.ts'
import { httpCaller } from '../../../helpers/http-caller.ts'

describe('GET /v1/queues', () => {
  it('tells how full each queue is', async () => {
    const queues = [{ name: 'sluice-test-work', purpose: 'work', deadLetters: false, visible: 3, inFlight: 1, delayed: 0 }]
    const { call, tokenOf } = httpCaller({ queueDepths: { list: async () => queues } })

    expect(queueListSchema.parse((await call('GET', '/v1/queues')).body)).toEqual({ queues })
    expect((await call('GET', '/v1/queues', { token: await tokenOf('acme', ['metrics:read']) })).status).toBe(403)
  })
})

describe('GET /v1/secrets', () => {
  it("tells of the platform's secrets and of those that the tenant's agents name, and of no others", async () => {
    const openai = (agentId: string, service?: string) =>
      anAgent({ agentId, llm: { provider: 'openai', model: 'gpt', ...(service !== undefined && { service }) } })
    const secretStates = memorySecretStates({
      'sluice-test-token-key': { status: 'present', lastChanged: '2026-11-01T00:00:00.000Z' },
      'sluice-test-webhook-key': { status: 'unreadable' },
      'sluice-test-openai-secret': { status: 'empty' },
    })
    const { call, dependencies, tokenOf } = httpCaller({ secretStates })
    for (const agent of [openai('one'), openai('two'), openai('three', 'azure'), anAgent()])
      await dependencies.agents.create('acme', agent)
    await dependencies.agents.create('other', openai('foreign', 'private'))

    const { body } = await call('GET', '/v1/secrets')

    expect(secretListSchema.parse(body).secrets).toEqual([
      {
        name: 'sluice-test-token-key',
        usedBy: 'platform',
        agents: [],
        status: 'present',
        lastChanged: '2026-11-01T00:00:00.000Z',
      },
      { name: 'sluice-test-webhook-key', usedBy: 'platform', agents: [], status: 'unreadable' },
      { name: 'sluice-test-azure-secret', usedBy: 'agents', agents: ['three'], status: 'missing' },
      { name: 'sluice-test-openai-secret', usedBy: 'agents', agents: ['one', 'two'], status: 'empty' },
    ])
    expect((await call('GET', '/v1/secrets', { token: await tokenOf('acme', ['agents:read']) })).status).toBe(403)
  })
})

describe('GET /v1/capabilities', () => {
  it('counts what agents of the tenant can do, page by page, and says what the stage can', async () => {
    const { call, dependencies } = httpCaller()
    await dependencies.agents.create('acme', anAgent({ agentId: 'one', capabilities: ['analysis', 'summary'] }))
    await dependencies.agents.create('acme', anAgent({ agentId: 'two', capabilities: ['analysis'] }))
    await dependencies.agents.create('other', anAgent({ capabilities: ['secret-work'] }))

    const first = capabilitiesSchema.parse((await call('GET', '/v1/capabilities', { query: { limit: '1' } })).body)
    const second = capabilitiesSchema.parse(
      (await call('GET', '/v1/capabilities', { query: { limit: '1', after: String(first.next) } })).body,
    )

    expect(first).toMatchObject({ capabilities: [{ name: 'analysis', agents: 2 }], next: 'analysis' })
    expect(first.reasoningPatterns).toContain('direct')
    expect(first.limits.frameBytes).toBe(24 * 1024)
    expect(second.capabilities).toEqual([{ name: 'summary', agents: 1 }])
    expect(second.next).toBeUndefined()
  })
})
