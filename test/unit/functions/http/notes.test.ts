import { describe, expect, it } from 'vitest'
import { noteListSchema, noteSchema } from '#shared/protocol/note.ts'
import { SCOPES } from '#shared/protocol/scopes.ts'
import { httpCaller } from '../../../helpers/http-caller.ts'

const PATH = '/v1/agents/assistant/notes'
const AGENT = { agentId: 'assistant', name: 'Assistant', llm: { provider: 'openai', model: 'gpt-4o' } }

async function withNotes(...texts: string[]) {
  const caller = httpCaller()
  await caller.call('POST', '/v1/agents', { body: AGENT })
  const create = (body: unknown) => caller.call('POST', PATH, { body })
  const notes = []
  for (const text of texts) notes.push(noteSchema.parse((await create({ text })).body))
  const textsOf = async (query: Record<string, string> = {}, token?: string) =>
    noteListSchema.parse((await caller.call('GET', PATH, { query, ...(token && { token }) })).body).notes.map(({ text }) => text)
  return { ...caller, create, notes, textsOf }
}

describe('notes', () => {
  it('are kept, listed page by page, and found by their words', async () => {
    const { call, textsOf } = await withNotes('likes tea', 'lives in Zürich')

    const page = noteListSchema.parse((await call('GET', PATH, { query: { limit: '1' } })).body)
    const rest = await textsOf({ after: page.next ?? '' })

    expect([...page.notes.map(({ text }) => text), ...rest].toSorted()).toEqual(['likes tea', 'lives in Zürich'])
    expect(await textsOf({ query: 'tea' })).toEqual(['likes tea'])
  })

  it('are forgotten, and nobody is told whether there was one', async () => {
    const { call, notes, textsOf } = await withNotes('likes tea')

    const answers = [notes[0]?.noteId, notes[0]?.noteId].map((id) => call('DELETE', `${PATH}/${id}`))

    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([204, 204])
    expect(await textsOf()).toEqual([])
  })

  it.each([
    ['somebody else', 'acme', 'eve'],
    ['another tenant', 'globex', 'ada'],
  ])('of a caller are not those of %s', async (_who, tenant, subject) => {
    const { call, tokenOf, textsOf, notes } = await withNotes('likes tea')
    const token = await tokenOf(tenant, SCOPES, subject)

    expect(await textsOf({}, token)).toEqual([])
    expect(await textsOf({ query: 'tea' }, token)).toEqual([])
    await call('DELETE', `${PATH}/${notes[0]?.noteId}`, { token })
    expect(await textsOf()).toEqual(['likes tea'])
  })

  it.each([
    ['no text', {}, 'validation_error'],
    ['a text that is too long', { text: 'x'.repeat(2_001) }, 'validation_error'],
    ['a key', { text: 'her key is sk-ant-api03-0123456789abcdef0123' }, 'secret_in_request'],
    ['a field that it does not know', { text: 'x', source: '/principals/eve' }, 'validation_error'],
  ])('with %s are refused', async (_what, body, code) => {
    const { create, textsOf } = await withNotes()

    expect((await create(body)).body).toMatchObject({ code })
    expect(await textsOf()).toEqual([])
  })

  it('are kept by agents that there are', async () => {
    const { status, body } = await httpCaller().call('POST', PATH, { body: { text: 'likes tea' } })

    expect(status).toBe(404)
    expect(body).toMatchObject({ code: 'not_found', detail: 'agent "assistant" does not exist' })
  })

  it('take the scopes of executions', async () => {
    const { call, tokenOf } = await withNotes('likes tea')
    const reader = await tokenOf('acme', ['executions:read'], 'ada')

    expect((await call('POST', PATH, { body: { text: 'x' }, token: reader })).status).toBe(403)
    expect((await call('GET', PATH, { token: await tokenOf('acme', ['agents:read'], 'ada') })).status).toBe(403)
  })
})
