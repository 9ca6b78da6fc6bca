import { describe, expect, it } from 'vitest'
import type { AgentCensus } from '#shared/metrics/agent-census.ts'
import { dynamoAgentCensus } from '#shared/metrics/dynamo-agent-census.ts'
import { memoryAgentCensus } from '#shared/metrics/memory-agent-census.ts'
import { newId } from '#shared/platform/ids.ts'
import { dynamoBackends } from '../../helpers/dynamo.ts'

const stores: [string, () => AgentCensus][] = [
  ['memory', memoryAgentCensus],
  ...dynamoBackends().map(({ name, client, tables }): [string, () => AgentCensus] => [
    name,
    () => dynamoAgentCensus(client, tables.executions),
  ]),
]

describe.each(stores)('AgentCensus on %s', (_name, open) => {
  it('counts agents by status and by health', async () => {
    const census = open()
    const [tenant, other] = [newId(), newId()]
    await census.note({ tenant, agentId: 'one' }, { status: 'running', health: 'unknown' })
    await census.note({ tenant, agentId: 'two' }, { status: 'running', health: 'healthy' })
    await census.note({ tenant: other, agentId: 'one' }, { status: 'paused', health: 'healthy' })
    await census.note({ tenant, agentId: 'one' }, { status: 'paused', health: 'unknown' })

    expect(await census.counts(tenant)).toEqual({
      statuses: { running: 1, paused: 1 },
      healths: { unknown: 1, healthy: 1 },
    })
    expect(await census.counts(newId())).toEqual({ statuses: {}, healths: {} })
  })

  it('counts a change once that is told twice, and in the end rightly when a batch comes again', async () => {
    const census = open()
    const agent = { tenant: newId(), agentId: 'one' }
    const running = { status: 'running', health: 'unknown' } as const
    const paused = { status: 'paused', health: 'unknown' } as const

    for (const state of [running, running, paused, running, paused]) await census.note(agent, state)
    expect(await census.counts(agent.tenant)).toEqual({ statuses: { paused: 1 }, healths: { unknown: 1 } })

    for (const state of [undefined, undefined]) await census.note(agent, state)
    expect(await census.counts(agent.tenant)).toEqual({ statuses: {}, healths: {} })
  })

  it('counts rightly when two note the same agent at once', async () => {
    const census = open()
    const agent = { tenant: newId(), agentId: 'one' }

    await Promise.all(Array.from({ length: 3 }, () => census.note(agent, { status: 'running', health: 'healthy' })))

    expect(await census.counts(agent.tenant)).toEqual({ statuses: { running: 1 }, healths: { healthy: 1 } })
  })
})
