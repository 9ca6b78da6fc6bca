import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { agentLink, eventsLink, parseRoute, topicLink } from '../../../web/console/route.ts'

describe('parseRoute', () => {
  it.each([
    ['', { page: 'agents' }],
    ['#/agents', { page: 'agents' }],
    ['#/agents/', { page: 'agents' }],
    ['#/nowhere', { page: 'agents' }],
    ['#/topics', { page: 'topics' }],
    ['#/dead-letters', { page: 'dead-letters' }],
    ['#/audit', { page: 'audit' }],
    ['#/keys', { page: 'keys' }],
    ['#/api', { page: 'api', operationId: undefined }],
    ['#/api/createAgent', { page: 'api', operationId: 'createAgent' }],
    ['#/events', { page: 'events', filter: {} }],
    ['#/events?type=agent.', { page: 'events', filter: { kind: 'agent.' } }],
    ['#/agents/%E0%A4%A', { page: 'chat', agentId: '%E0%A4%A' }],
  ])('reads %s', (hash, route) => {
    expect(parseRoute(hash)).toEqual(route)
  })

  it('finds what the links name', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (name) => {
        expect(parseRoute(agentLink(name))).toEqual({ page: 'chat', agentId: name })
        expect(parseRoute(topicLink(name))).toEqual({ page: 'topic', topic: name })
        expect(parseRoute(eventsLink({ agentId: name }))).toEqual({ page: 'events', filter: { agentId: name } })
      }),
    )
  })
})
