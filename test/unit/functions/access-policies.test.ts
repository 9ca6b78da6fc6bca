import { describe, expect, it } from 'vitest'
import { mintToken } from '#shared/access/token.ts'
import { dispatchMessage } from '#shared/executions/dispatch-message.ts'
import { memoryMessageBus } from '#shared/messaging/memory-message-bus.ts'
import { memoryWorkQueue } from '#shared/messaging/memory-work-queue.ts'
import type { Message } from '#shared/messaging/message.ts'
import type { Agent } from '#shared/protocol/agent.ts'
import { type Role, SCOPES } from '#shared/protocol/scopes.ts'
import { agentMessages } from '#shared/runtime/agent-messages.ts'
import { trackEffects } from '#shared/runtime/effects.ts'
import { anAgent, anEnding, anExecution, memoryWorld } from '../../helpers/executions.ts'
import { httpCaller, TOKEN_SECRET } from '../../helpers/http-caller.ts'
import { never } from '../../helpers/llm.ts'
import { messagingWorld } from '../../helpers/messaging.ts'
import { socketDoor } from '../../helpers/socket-door.ts'
import { streamDoor } from '../../helpers/stream-door.ts'
import { anEnvelope } from '../../helpers/streams.ts'

type Access = NonNullable<Agent['access']>
type Who = { subject: string; roles?: Role[] }

/** Refuses eve and everybody else but ada and operators. */
const ACCESS: Access = { principals: ['ada'], roles: ['operator'] }
const WORK = { agentId: 'assistant', input: { content: 'Why?' } }

/** What a door says to somebody: `in`, or the code of its refusal. */
type Door = (access: Access, who: Who) => Promise<string>

async function rest(access: Access, { subject, roles }: Who) {
  const caller = httpCaller()
  await caller.dependencies.agents.create('acme', anAgent({ access }))
  const token = await mintToken(
    { subject, tenant: 'acme', scopes: SCOPES, roles, expiresInSeconds: 60 },
    TOKEN_SECRET,
    caller.dependencies.clock,
  )
  const call = async (path: string, body: unknown) => {
    const answer = await caller.call('POST', path, { body, token })
    return answer.status < 300 ? (codeInGraphql(answer.body) ?? 'in') : String(answer.body.code)
  }
  /** One that ended before, as it did before the policy was there. */
  const ended = async () => {
    const record = anExecution({ executionId: 'e-1' })
    const { executions } = caller.dependencies
    await executions.create({ ...record, ...anEnding({ status: 'failed' }) }, 0)
  }
  return { call, ended, started: () => caller.workQueue.sent.length + caller.bus.published.length }
}

function codeInGraphql(body: Record<string, unknown>): string | undefined {
  const [error] = (body.errors ?? []) as { extensions: { code: string } }[]
  return error?.extensions.code
}

const GRAPHQL_CREATE = 'mutation ($input: CreateExecutionInput!) { createExecution(input: $input) { executionId } }'
const GRAPHQL_RETRY = 'mutation { retryExecution(executionId: "e-1") { executionId } }'

/** A refused caller starts nothing; whatever the answer is, that is what counts. */
async function through(access: Access, who: Who, path: string, body: unknown, prepare = false): Promise<string> {
  const { call, ended, started } = await rest(access, who)
  if (prepare) await ended()
  const answer = await call(path, body)
  expect(started()).toBe(answer === 'in' ? 1 : 0)
  return answer
}

async function socket(frame: object, access: Access, { subject, roles }: Who): Promise<string> {
  const door = socketDoor()
  await door.dependencies.agents.create('acme', anAgent({ access }))
  await door.open({ subject, ...(roles && { roles }) }, 'c1', { agentId: 'assistant' })
  const [answer] = await door.send({ message_type: 'agent_request', payload: frame })
  expect(door.workQueue.sent).toHaveLength(answer?.message_type === 'error' ? 0 : 1)
  return answer?.message_type === 'error' ? answer.payload.code : 'in'
}

const DOORS: Record<string, Door> = {
  'POST /v1/executions': (access, who) => through(access, who, '/v1/executions', WORK),
  'POST /v1/executions/{id}/retry': (access, who) => through(access, who, '/v1/executions/e-1/retry', undefined, true),
  'POST /v1/agents/{id}/messages': (access, who) => through(access, who, '/v1/agents/assistant/messages', { data: 'hello' }),
  'the mutation createExecution': (access, who) =>
    through(access, who, '/graphql', { query: GRAPHQL_CREATE, variables: { input: WORK } }),
  'the mutation retryExecution': (access, who) => through(access, who, '/graphql', { query: GRAPHQL_RETRY }, true),
  'a frame agent_request': (access, who) => socket(WORK, access, who),
  'a frame agent_request of the older form': (access, who) => socket({ query: 'Why?' }, access, who),
  async 'POST /streams/executions'(access, { subject, roles }) {
    const door = await streamDoor({ agent: anAgent({ access }) })
    const headers = await door.bearer({ subject, ...(roles && { roles }) })
    const { response, done } = await door.run(WORK, { headers })
    const text = (await response.setEncoding('utf8').toArray()).join('')
    await done
    return door.heads.at(-1)?.statusCode === 200 ? 'in' : String(JSON.parse(text).code)
  },
}

describe.each(Object.entries(DOORS))('%s', (_, door) => {
  it.each<[string, Access, Who, string]>([
    ['lets whom the policy names in', ACCESS, { subject: 'ada' }, 'in'],
    ['lets a role in', ACCESS, { subject: 'bob', roles: ['operator'] }, 'in'],
    ['refuses another, who may do everything else', ACCESS, { subject: 'eve', roles: ['admin'] }, 'forbidden'],
    ['refuses a name that begins the same', ACCESS, { subject: 'adam' }, 'forbidden'],
    ['refuses a name that is a role', ACCESS, { subject: 'operator' }, 'forbidden'],
    ['refuses everybody where only agents may ask', { triggers: ['agent'] }, { subject: 'ada' }, 'forbidden'],
  ])('%s', async (__, access, who, expected) => {
    expect(await door(access, who)).toBe(expected)
  })
})

describe('a policy', () => {
  it.each([
    ['a role', { roles: ['operator'] }],
    ['a caller', { caller: { subject: 'ada', roles: ['operator'] } }],
    ['a principal', { subject: 'ada', principal: 'ada' }],
    ['a source', { source: '/agents/desk' }],
  ])('cannot be met by %s in the body', async (_, forged) => {
    const { call, started } = await rest(ACCESS, { subject: 'eve' })

    const answers = [
      await call('/v1/executions', { ...WORK, ...forged }),
      await call('/v1/agents/assistant/messages', { data: 'x', ...forged }),
    ]

    for (const answer of answers) expect(['forbidden', 'validation_error']).toContain(answer)
    expect(started()).toBe(0)
  })

  it('that is taken away counts for the next request', async () => {
    const caller = httpCaller()
    const { agents } = caller.dependencies
    await agents.create('acme', anAgent({ access: ACCESS }))
    const submit = async (key: string) =>
      (await caller.call('POST', '/v1/executions', { body: WORK, headers: { 'idempotency-key': key } })).status
    expect(await submit('k1')).toBe(202)

    await agents.replace('acme', anAgent({ access: { principals: ['bob'] }, version: 2, revision: 2 }))

    expect(await submit('k2')).toBe(403)
    // The answer to a request that was taken is said again, and nothing new begins.
    expect(await submit('k1')).toBe(202)
    expect(caller.workQueue.sent).toHaveLength(1)
  })

  it('says nothing of the agent to whom it refuses, not even whether it runs', async () => {
    const caller = httpCaller()
    await caller.dependencies.agents.create('acme', anAgent({ status: 'stopped', access: { principals: [] } }))

    expect((await caller.call('POST', '/v1/executions', { body: WORK })).body).toMatchObject({ status: 403, code: 'forbidden' })
  })
})

describe('a message', () => {
  async function dispatcher(access: Access) {
    const clock = { now: () => Date.parse('2026-11-21T09:30:00Z') }
    const { agents, executions, admission, log } = memoryWorld(clock)
    const workQueue = memoryWorkQueue()
    const { topicSchemas, artifacts } = messagingWorld(clock)
    await agents.create('acme', anAgent({ access }))
    const dependencies = { agents, executions, admission, streamLog: log, workQueue, topicSchemas, artifacts, clock }
    const topics = { publish: async () => undefined }
    const dispatch = ({ tenant, envelope }: Message) => dispatchMessage({ ...dependencies, topics }, { tenant, envelope })
    return { agents, clock, workQueue, dispatch }
  }

  const toAssistant = (source: string): Message => ({
    tenant: 'acme',
    envelope: anEnvelope({ topic: undefined, to: 'assistant', source }),
  })

  it('of an agent that is not listed goes nowhere, whichever door it took', async () => {
    const { agents, clock, dispatch, workQueue } = await dispatcher({ agents: ['desk'] })
    const bus = memoryMessageBus()
    const sendAs = (agentId: string) =>
      agentMessages({ agents, bus, clock }, anExecution({ agentId }), trackEffects(0, never())).send('assistant', 'hello')

    await expect(sendAs('desk2')).rejects.toMatchObject({ code: 'forbidden' })
    await expect(dispatch(toAssistant('/agents/desk2'))).rejects.toMatchObject({ code: 'forbidden', retryable: false })
    expect(bus.published).toEqual([])
    expect(workQueue.sent).toEqual([])

    await sendAs('desk')
    for (const message of bus.published) await dispatch(message)
    expect(workQueue.sent).toHaveLength(1)
  })

  it('of the queue has no roles, and no name but its source', async () => {
    const { dispatch } = await dispatcher(ACCESS)

    await expect(dispatch(toAssistant('sqs'))).rejects.toMatchObject({ code: 'forbidden' })
  })

  it('of a topic begins nothing where the policy leaves topics out', async () => {
    const { dispatch, workQueue } = await dispatcher({ triggers: ['request'] })

    expect(await dispatch({ tenant: 'acme', envelope: anEnvelope({ topic: 'questions' }) })).toEqual([])
    expect(workQueue.sent).toEqual([])
  })

  it('of a topic begins an execution where topics are open, whoever may ask directly', async () => {
    const { dispatch, workQueue } = await dispatcher({ principals: [] })

    await dispatch({ tenant: 'acme', envelope: anEnvelope({ topic: 'questions' }) })

    expect(workQueue.sent).toHaveLength(1)
  })
})
