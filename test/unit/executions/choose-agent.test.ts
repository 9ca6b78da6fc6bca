import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Candidate, fromTurn, leastBusy, type OpenWork, suitableAgents } from '#shared/executions/choose-agent.ts'
import type { Agent } from '#shared/protocol/agent.ts'
import { aFunctionAgent, aGate, anAgent, aRemoteAgent } from '../../helpers/executions.ts'

const work = (overrides: Partial<OpenWork> = {}): OpenWork => ({
  inputFor: () => ({ content: 'Why?' }),
  use: { trigger: 'request', subject: 'ada', roles: ['developer'] },
  ...overrides,
})
const idsOf = (agents: readonly Agent[]): string[] => agents.map(({ agentId }) => agentId)

describe('suitableAgents', () => {
  it.each(['created', 'starting', 'paused', 'stopping', 'stopped', 'failed'] as const)('leaves out one that is %s', (status) => {
    expect(suitableAgents([aRemoteAgent({ status })], work())).toEqual([])
  })

  it('prefers those that name the type, then services that take any, then the others', () => {
    const named = aFunctionAgent({ agentId: 'named', taskTypes: ['sum'] })
    const service = aRemoteAgent({ agentId: 'service' })
    const other = anAgent({ agentId: 'other' })

    expect(idsOf(suitableAgents([other, service, named], work({ type: 'sum' })))).toEqual(['named'])
    expect(idsOf(suitableAgents([other, service, named], work({ type: 'analyze' })))).toEqual(['service'])
    expect(idsOf(suitableAgents([other, named], work({ type: 'analyze' })))).toEqual(['other'])
    expect(suitableAgents([named], work({ type: 'analyze' }))).toEqual([])
  })

  it('leaves out those without the capability', () => {
    const able = aRemoteAgent({ agentId: 'able', capabilities: ['web_search'] })

    expect(idsOf(suitableAgents([aRemoteAgent(), able], work({ capability: 'web_search' })))).toEqual(['able'])
  })

  it('leaves out those whose policy does not let the caller use them', () => {
    const closed = aRemoteAgent({ agentId: 'closed', access: { principals: ['eve'] } })
    const onlyTopics = aRemoteAgent({ agentId: 'topics', access: { triggers: ['topic'] } })
    const open = aRemoteAgent({ agentId: 'open', access: { roles: ['dev*'] } })

    expect(idsOf(suitableAgents([closed, onlyTopics, open], work()))).toEqual(['open'])
  })

  it('leaves out agents without code where there is no text for them', () => {
    const inputFor = () => ({ numbers: [1, 2] })

    expect(idsOf(suitableAgents([anAgent(), aFunctionAgent()], work({ inputFor })))).toEqual(['triage'])
  })
})

describe('leastBusy', () => {
  const candidate = (agentId: string, gate: Parameters<typeof aGate>[0]): Candidate => ({
    agent: aRemoteAgent({ agentId }),
    gate: aGate(gate),
  })

  it('counts what runs and what waits', () => {
    const busy = candidate('busy', { active: ['e-1', 'e-2'], waiting: 3 })
    const idle = candidate('idle', { active: ['e-3'] })

    expect(leastBusy([busy, idle])?.agentId).toBe('idle')
  })

  it('takes none that is closed or full', () => {
    const closed = candidate('closed', { open: false })
    const full = candidate('full', { active: ['e-1', 'e-2'], waiting: 2, queueLimit: 2 })

    expect(leastBusy([closed, full])).toBeUndefined()
    expect(leastBusy([])).toBeUndefined()
  })

  it('takes one that is busy when it may wait there', () => {
    expect(leastBusy([candidate('busy', { active: ['e-1', 'e-2'], waiting: 1, queueLimit: 2 })])?.agentId).toBe('busy')
  })
})

describe('fromTurn', () => {
  it('begins with each item equally often, and names none twice', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(), { minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 20 }), (items, most) => {
        const turns = items.map((_item, turn) => fromTurn(items, turn, most))

        expect(turns.map(([first]) => first)).toEqual(items)
        for (const taken of turns) {
          expect(taken).toHaveLength(Math.min(most, items.length))
          expect(new Set(taken).size).toBe(taken.length)
        }
      }),
    )
  })

  it('has nothing of nothing', () => {
    expect(fromTurn([], 7, 3)).toEqual([])
  })
})
