import { expect, it } from 'vitest'
import { AGENT_STATUSES } from '#shared/protocol/agent.ts'
import { AGENT_LIFECYCLE, AGENT_VERBS, allowedVerbs } from '#shared/protocol/agent-lifecycle.ts'

it('says what can be done in each status', () => {
  expect(Object.fromEntries(AGENT_STATUSES.map((status) => [status, allowedVerbs(status).join(' ')]))).toEqual({
    created: 'start delete',
    starting: 'stop delete',
    running: 'pause stop delete',
    paused: 'resume stop delete',
    stopping: 'delete',
    stopped: 'start delete',
    failed: 'start delete',
    deleted: '',
  })
})

it('leads out of every passing status, and says where to', () => {
  for (const verb of AGENT_VERBS) {
    const { to, desiredStatus } = AGENT_LIFECYCLE[verb]
    const passing = to === 'starting' || to === 'stopping'
    expect({ verb, passing }).toEqual({ verb, passing: desiredStatus !== undefined })
  }
  expect(AGENT_LIFECYCLE.started.from).toEqual(['starting'])
  expect(AGENT_LIFECYCLE.stopped.from).toEqual(['stopping'])
})
