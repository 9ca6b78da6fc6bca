import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AgentUse, mayReceive, mayUse, requireUse } from '#shared/agents/agent-access.ts'
import { subscriptionsOf } from '#shared/agents/agent-subscriptions.ts'
import { type Agent, TRIGGERS } from '#shared/protocol/agent.ts'
import { anAgent } from '../../helpers/executions.ts'

type Access = Agent['access']

const byAda = (roles: string[] = []): AgentUse => ({ trigger: 'request', subject: 'ada', roles })
const by = (subject: string, roles: string[] = []): AgentUse => ({ trigger: 'request', subject, roles })
const byAgent = (agentId: string): AgentUse => ({ trigger: 'agent', agentId })
const byWorkflow = (workflowId: string): AgentUse => ({ trigger: 'workflow', workflowId })
const USES: readonly AgentUse[] = [byAda(), { trigger: 'topic' }, byAgent('desk'), byWorkflow('night')]

describe('mayUse', () => {
  it.each(USES)('lets everybody where there is no policy, or one that says nothing: $trigger', (use) => {
    expect(mayUse(undefined, use)).toBe(true)
    expect(mayUse({}, use)).toBe(true)
  })

  it.each(TRIGGERS)('lets nothing but "%s" begin an execution where only that is listed', (trigger) => {
    expect(USES.filter((use) => mayUse({ triggers: [trigger] }, use)).map((use) => use.trigger)).toEqual([trigger])
  })

  it.each<[string, Access, AgentUse, boolean]>([
    ['a whole name', { principals: ['ada'] }, by('ada'), true],
    ['a name that goes on', { principals: ['ada'] }, by('adam'), false],
    ['a name that only begins so', { principals: ['adam'] }, by('ada'), false],
    ['another case', { principals: ['ada'] }, by('Ada'), false],
    ['a prefix', { principals: ['ada*'] }, by('adam'), true],
    ['the prefix itself', { principals: ['ada*'] }, by('ada'), true],
    ['something before the prefix', { principals: ['ada*'] }, by('nada'), false],
    ['a prefix as a name', { principals: ['ada'] }, by('ada*'), false],
    ['a star inside', { principals: ['a*a'] }, by('ada'), false],
    ['what a pattern would match', { principals: ['a.a', '(ada)', '^ada'] }, by('ada'), false],
    ['everybody', { principals: ['*'] }, by('ada'), true],
    ['nobody', { principals: [] }, by('ada'), false],
    ['a role', { roles: ['operator'] }, by('ada', ['operator']), true],
    ['another role', { roles: ['operator'] }, by('ada', ['viewer']), false],
    ['a role by its beginning', { roles: ['op*'] }, by('ada', ['viewer', 'operator']), true],
    ['no roles at all', { roles: ['*'] }, by('ada'), false],
    ['a subject named as a role', { roles: ['operator'] }, by('operator'), false],
    ['a role named as a subject', { principals: ['ada'] }, by('eve', ['ada']), false],
    ['a role where the name is not listed', { principals: ['bob'], roles: ['operator'] }, by('ada', ['operator']), true],
    ['a name where the role is not listed', { principals: ['ada'], roles: ['operator'] }, by('ada'), true],
    ['neither', { principals: ['bob'], roles: ['operator'] }, by('ada', ['viewer']), false],
    ['an agent', { agents: ['desk'] }, byAgent('desk'), true],
    ['another agent', { agents: ['desk'] }, byAgent('desk-2'), false],
    ['agents by their beginning', { agents: ['desk-*'] }, byAgent('desk-2'), true],
    ['a principal named as an agent', { triggers: ['agent'], agents: ['ada'] }, by('ada'), false],
    ['a workflow', { workflows: ['night'] }, byWorkflow('night'), true],
    ['another workflow', { workflows: ['night'] }, byWorkflow('nightly'), false],
    ['a list for others', { agents: ['desk'], workflows: [] }, by('ada'), true],
  ])('goes by %s', (_, access, use, expected) => {
    expect(mayUse(access, use)).toBe(expected)
  })

  it('takes whole names and prefixes as texts, whatever is in them', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (listed, subject) => {
        const expected = listed.endsWith('*') ? subject.startsWith(listed.slice(0, -1)) : subject === listed
        expect(mayUse({ principals: [listed] }, by(subject))).toBe(expected)
      }),
    )
  })
})

describe('requireUse', () => {
  it('refuses with what tells nothing of the policy', () => {
    const agent = anAgent({ access: { principals: ['secret-name'] } })

    expect(() => requireUse(agent, byAda())).toThrow(
      expect.objectContaining({ code: 'forbidden', message: 'the policy of the agent "assistant" does not allow this' }),
    )
  })
})

describe('mayReceive', () => {
  it.each<[string, Access, string, boolean]>([
    ['an agent that is listed', { agents: ['desk'] }, '/agents/desk', true],
    ['an agent that is not', { agents: ['desk'] }, '/agents/desk2', false],
    ['an agent where only requests count', { triggers: ['request'] }, '/agents/desk', false],
    ['a principal, whose door has asked', { principals: ['bob'] }, '/principals/ada', true],
    ['a principal where requests do not count', { triggers: ['agent'] }, '/principals/ada', false],
    ['a principal named as an agent', { triggers: ['agent'], agents: ['*'] }, '/principals/desk', false],
    ['a sender of the queue that is listed', { principals: ['sqs'] }, 'sqs', true],
    ['a sender of the queue that is not', { principals: ['ada'] }, 'sqs', false],
    ['a sender of the queue where roles are asked for', { roles: ['*'] }, 'sqs', false],
    ['anybody without a policy', undefined, 'sqs', true],
  ])('answers for %s', (_, access, source, expected) => {
    expect(mayReceive(access, { source })).toBe(expected)
  })
})

describe('subscriptionsOf', () => {
  it('has no topics of an agent that no topic may begin', () => {
    const topics = ['questions', 'news']

    expect([...subscriptionsOf(anAgent({ topics, access: { triggers: ['request', 'agent'] } })).keys()]).toEqual([])
    expect([...subscriptionsOf(anAgent({ topics, access: { triggers: ['topic'], principals: [] } })).keys()]).toEqual(topics)
  })
})
