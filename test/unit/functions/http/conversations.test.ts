import { describe, expect, it } from 'vitest'
import { mintToken } from '#shared/access/token.ts'
import { callerConversation } from '#shared/conversations/caller-conversation.ts'
import {
  conversationExportSchema,
  conversationListSchema,
  conversationPageSchema,
  conversationSearchSchema,
} from '#shared/protocol/conversation.ts'
import { SCOPES } from '#shared/protocol/scopes.ts'
import { httpCaller, TOKEN_SECRET } from '../../../helpers/http-caller.ts'

const AT = '2026-11-21T09:30:00.000Z'

/** Ada and Bob have each talked with the assistant, under the same name. */
async function withConversations() {
  const caller = httpCaller()
  const { conversations } = caller.dependencies
  const [ada, bob] = ['ada', 'bob'].map((subject) =>
    callerConversation('acme', { agentId: 'assistant', source: `/principals/${subject}`, conversationId: 'holidays' }),
  )
  if (!ada || !bob) throw new Error('two have talked')
  for (const conversation of [ada, bob])
    for (const number of [0, 1])
      await conversations.append(conversation, {
        place: `${AT}#e-1#${number}`,
        role: number === 0 ? 'user' : 'assistant',
        content: `${conversation.source} ${number}`,
        at: AT,
      })
  const list = (query: Record<string, string> = {}, token?: string) =>
    caller.call('GET', '/v1/conversations', { query: { agentId: 'assistant', ...query }, ...(token && { token }) })
  return { ...caller, conversations, ada: ada.conversationId, bob: bob.conversationId, list }
}

describe('conversations', () => {
  it('are listed to their owner', async () => {
    const { list, ada } = await withConversations()

    const { conversations } = conversationListSchema.parse((await list()).body)

    expect(conversations).toEqual([
      { id: ada, conversationId: 'holidays', agentId: 'assistant', source: '/principals/ada', createdAt: AT, updatedAt: AT },
    ])
  })

  it('are shown turn by turn', async () => {
    const { call, ada } = await withConversations()

    const first = conversationPageSchema.parse((await call('GET', `/v1/conversations/${ada}`, { query: { limit: '1' } })).body)
    const after = first.next ?? ''
    const rest = conversationPageSchema.parse((await call('GET', `/v1/conversations/${ada}`, { query: { after } })).body)

    expect(first.turns).toEqual([{ role: 'user', content: '/principals/ada 0', at: AT }])
    expect(rest.turns).toEqual([{ role: 'assistant', content: '/principals/ada 1', at: AT }])
    expect(rest.next).toBeUndefined()
  })

  it('are forgotten when their owner wants it', async () => {
    const { call, ada, list } = await withConversations()

    expect((await call('DELETE', `/v1/conversations/${ada}`)).status).toBe(204)

    expect((await call('GET', `/v1/conversations/${ada}`)).status).toBe(404)
    expect((await list()).body).toEqual({ conversations: [] })
  })

  it('are found by their words, the caller’s own alone', async () => {
    const { call, conversations, tokenOf, ada } = await withConversations()
    const head = await conversations.find({ tenant: 'acme', conversationId: ada })
    if (head) await conversations.append(head, { place: `${AT}#e-2#0`, role: 'user', content: 'the train to Zürich', at: AT })
    const query = { agentId: 'assistant', query: 'trains' }

    const found = conversationSearchSchema.parse((await call('GET', '/v1/conversations/search', { query })).body)
    const foreign = await tokenOf('globex', SCOPES, 'ada')
    const bob = await tokenOf('acme', SCOPES, 'bob')

    expect(found).toMatchObject({
      hits: [{ id: ada, conversationId: 'holidays', turn: { content: 'the train to Zürich' } }],
      more: false,
    })
    for (const token of [foreign, bob])
      expect((await call('GET', '/v1/conversations/search', { query, token })).body).toEqual({ hits: [], more: false })
  })

  it('are given out whole', async () => {
    const { call, ada } = await withConversations()

    const whole = conversationExportSchema.parse((await call('GET', `/v1/conversations/${ada}/export`)).body)

    expect(whole.turns.map(({ content }) => content)).toEqual(['/principals/ada 0', '/principals/ada 1'])
  })

  it('are not given out whole where they are too large for an answer', async () => {
    const { call, conversations, ada } = await withConversations()
    const head = await conversations.find({ tenant: 'acme', conversationId: ada })
    for (let number = 0; head && number < 11; number += 1)
      await conversations.append(head, { place: `${AT}#e-3#${number}`, role: 'user', content: 'x'.repeat(390_000), at: AT })

    expect(await call('GET', `/v1/conversations/${ada}/export`)).toMatchObject({
      status: 413,
      body: { code: 'payload_too_large' },
    })
  })

  it('are not given out whole where JSON makes them too large for an answer', async () => {
    const { call, conversations, ada } = await withConversations()
    const head = await conversations.find({ tenant: 'acme', conversationId: ada })
    for (let number = 0; head && number < 10; number += 1)
      await conversations.append(head, { place: `${AT}#e-3#${number}`, role: 'user', content: '"'.repeat(390_000), at: AT })

    expect(await call('GET', `/v1/conversations/${ada}/export`)).toMatchObject({
      status: 413,
      body: { code: 'payload_too_large' },
    })
  })

  it.each([
    ['GET', ''],
    ['DELETE', ''],
    ['GET', '/export'],
  ])('of others are as unknown as those that never were: %s %s', async (method, part) => {
    const { call, bob, tokenOf, conversations } = await withConversations()
    const unknown = '0198b6a4-0000-7000-8000-000000000001'
    const foreign = await tokenOf('globex', SCOPES, 'bob')

    const theirs = await call(method, `/v1/conversations/${bob}${part}`)
    const none = await call(method, `/v1/conversations/${unknown}${part}`)

    expect(theirs.status).toBe(404)
    expect(String(theirs.body.detail).replace(bob, unknown)).toBe(none.body.detail)
    expect((await call(method, `/v1/conversations/${bob}`, { token: foreign })).status).toBe(404)
    expect(await conversations.find({ tenant: 'acme', conversationId: bob })).toBeDefined()
  })

  it('of others are for admins and operators, whatever scopes somebody has', async () => {
    const { call, bob, list } = await withConversations()

    expect((await list({ all: 'true' })).status).toBe(403)
    expect((await call('GET', `/v1/conversations/${bob}`, { query: { all: 'true' } })).status).toBe(403)
  })

  it.each(['admin', 'operator'] as const)('are all shown to the role %s, which deletes none', async (role) => {
    const { call, bob, list } = await withConversations()
    const request = { subject: 'root', tenant: 'acme', scopes: [], roles: [role], expiresInSeconds: 60 }
    const token = await mintToken(request, TOKEN_SECRET, { now: () => Date.parse(AT) })

    expect((await list({ all: 'true' }, token)).body.conversations).toHaveLength(2)
    expect((await list({}, token)).body.conversations).toHaveLength(0)
    expect((await call('GET', `/v1/conversations/${bob}`, { query: { all: 'true' }, token })).status).toBe(200)
    expect((await call('DELETE', `/v1/conversations/${bob}`, { token })).status).toBe(404)
  })

  it('need the scopes', async () => {
    const { call, ada, list, tokenOf } = await withConversations()

    expect((await list({}, await tokenOf('acme', ['executions:write']))).status).toBe(403)
    const token = await tokenOf('acme', ['executions:read'])
    expect((await call('DELETE', `/v1/conversations/${ada}`, { token })).status).toBe(403)
  })

  it.each([
    ['a cursor that is none', { after: 'x' }],
    ['a page that is too large', { limit: '101' }],
    ['an unknown filter', { source: '/principals/bob' }],
    ['another agent’s form', { agentId: 'a b' }],
  ])('are not listed with %s', async (_what, query) => {
    const { list } = await withConversations()

    expect((await list(query)).status).toBe(422)
  })
})
