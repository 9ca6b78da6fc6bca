import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, it } from 'vitest'
import { callerConversation } from '#shared/conversations/caller-conversation.ts'
import { memoryConversationStore } from '#shared/conversations/memory-conversation-store.ts'
import type { Note, NoteOwner, NoteStore } from '#shared/memory/note-store.ts'
import { SEARCHED_LENGTH } from '#shared/protocol/conversation.ts'
import type { Tool } from '#shared/protocol/tool.ts'
import type { ToolDependencies } from '#shared/tools/tool-dependencies.ts'
import type { ToolCaller } from '#shared/tools/toolbox.ts'
import { toolboxes } from '#shared/tools/toolboxes.ts'
import { startServer } from '../../helpers/mcp-server.ts'
import { aToolCaller, callTool, toolDependencies } from '../../helpers/tools.ts'

const cleanups: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup()
})

type BuiltIn = Extract<Tool, { type: 'builtin' }>

async function use(
  tool: Omit<BuiltIn, 'type'>,
  input: unknown,
  {
    overrides = {},
    caller = {},
    key,
  }: { overrides?: Partial<ToolDependencies>; caller?: Partial<ToolCaller>; key?: string } = {},
) {
  const opened = await toolboxes(toolDependencies(overrides)).open(
    [{ type: 'builtin', ...tool }],
    aToolCaller(caller),
    new AbortController().signal,
  )
  return callTool(opened, tool.name, input, key === undefined ? {} : { key })
}

async function serve(status: number, headers: Record<string, string>, body: string): Promise<string> {
  const server = await startServer(async (request, response) => {
    await text(request)
    response.writeHead(status, headers).end(body)
  })
  cleanups.push(server.close)
  return new URL(server.url).host
}

describe('current_time', () => {
  it.each([
    [{}, 'Saturday, 2026-11-21 14:05:33 GMT+00:00 (UTC)'],
    [{ timeZone: 'Europe/Berlin' }, 'Saturday, 2026-11-21 15:05:33 GMT+01:00 (Europe/Berlin)'],
    [{ timeZone: 'Asia/Kolkata' }, 'Saturday, 2026-11-21 19:35:33 GMT+05:30 (Asia/Kolkata)'],
  ])('tells the time: %j', async (input, content) => {
    expect(await use({ name: 'current_time' }, input)).toEqual({ content, isError: false })
  })

  it('knows no other places', async () => {
    expect(await use({ name: 'current_time' }, { timeZone: 'Mars/Olympus' })).toMatchObject({ isError: true })
  })
})

describe('fetch', () => {
  const page = '<html><head><title>T</title></head><body><h1>Hello</h1><script>evil()</script><p>a &amp; b</p></body></html>'

  it('reads the text of a page', async () => {
    const host = await serve(200, { 'content-type': 'text/html; charset=utf-8' }, page)

    expect(await use({ name: 'fetch', hosts: [host] }, { url: `http://${host}/a` })).toEqual({
      content: 'Hello\na & b',
      isError: false,
    })
    expect(await use({ name: 'fetch', hosts: [host] }, { url: `http://${host}/a`, raw: true })).toEqual({
      content: page,
      isError: false,
    })
  })

  it.each([
    'https://evil.example/',
    'https://example.com.evil.example/',
    'https://evil.example/?example.com',
    'https://example.com@evil.example/',
    'https://evil.example#example.com',
    'not a url',
  ])('calls none but its hosts: %s', async (url) => {
    const result = await use({ name: 'fetch', hosts: ['example.com', '*.example.com'] }, { url })

    expect(result).toEqual({ content: 'forbidden: only these hosts can be read: example.com, *.example.com', isError: true })
  })

  it('calls no private address, even where it is named', async () => {
    const host = await serve(200, { 'content-type': 'text/plain' }, 'inside')
    const url = `https://${host}/`

    expect(await use({ name: 'fetch', hosts: [host] }, { url }, { overrides: { allowPrivate: false } })).toMatchObject({
      isError: true,
      content: expect.stringContaining('is not a public address'),
    })
  })

  it('says where a page has moved, and does not go there', async () => {
    const host = await serve(301, { location: 'https://elsewhere.example/' }, '')

    expect(await use({ name: 'fetch', hosts: [host] }, { url: `http://${host}/` })).toEqual({
      content: 'HTTP 301: it has moved to https://elsewhere.example/',
      isError: true,
    })
  })
})

describe('search_conversation', () => {
  async function aConversation(turns = ['My order is A-1001.', 'I like tea.', 'The order was late, the order was wrong.']) {
    const conversations = memoryConversationStore()
    const conversation = callerConversation('acme', {
      agentId: 'researcher',
      source: '/principals/ada',
      conversationId: 'chat-1',
    })
    for (const [place, content] of turns.entries())
      await conversations.append(conversation, { place: `0${place}`, role: 'user', content, at: '2026-11-21T10:00:00.000Z' })
    return conversations
  }

  it('finds turns with the words, the best match first', async () => {
    const overrides = { conversations: await aConversation() }

    const { content } = await use({ name: 'search_conversation' }, { query: 'order wrong' }, { overrides })

    expect(content).toBe(
      '[2026-11-21T10:00:00.000Z, user] The order was late, the order was wrong.\n\n[2026-11-21T10:00:00.000Z, user] My order is A-1001.',
    )
  })

  it('shows the latest of equal matches first, as many as are asked for', async () => {
    const overrides = { conversations: await aConversation(['tea one', 'tea two', 'tea six']) }

    const { content } = await use({ name: 'search_conversation' }, { query: 'tea', limit: 2 }, { overrides })

    expect(content).toBe('[2026-11-21T10:00:00.000Z, user] tea six\n\n[2026-11-21T10:00:00.000Z, user] tea two')
  })

  it('looks through the latest turns alone where there is more text than a search takes', async () => {
    const long = 'tea'.padEnd(SEARCHED_LENGTH - 20, ' tea')
    const overrides = { conversations: await aConversation(['the oldest tea', long, 'the latest tea']) }

    const { content } = await use({ name: 'search_conversation' }, { query: 'oldest latest' }, { overrides })

    expect(content).toBe('[2026-11-21T10:00:00.000Z, user] the latest tea')
  })

  it.each([
    ['another caller', { source: '/principals/eve' }],
    ['another tenant', { tenant: 'umbrella' }],
    ['another agent', { agentId: 'spy' }],
  ])('shows nothing to %s, whatever conversation they name', async (_, caller) => {
    const overrides = { conversations: await aConversation() }

    expect(await use({ name: 'search_conversation' }, { query: 'order' }, { overrides, caller })).toEqual({
      content: 'nothing was found',
      isError: false,
    })
  })

  it('says when there is no conversation', async () => {
    const result = await use({ name: 'search_conversation' }, { query: 'x' }, { caller: { conversationId: undefined } })

    expect(result).toMatchObject({ isError: true })
  })
})

describe('remember and recall', () => {
  function notesOf(): NoteStore & { kept: Map<string, { owner: NoteOwner; note: Note }> } {
    const kept = new Map<string, { owner: NoteOwner; note: Note }>()
    return {
      kept,
      put: async (owner, note) => void kept.set(note.noteId, { owner, note }),
      remove: async (_, noteId) => void kept.delete(noteId),
      list: async () => ({ notes: [] }),
      search: async (owner, query) =>
        [...kept.values()]
          .filter((each) => JSON.stringify(each.owner) === JSON.stringify(owner) && each.note.text.includes(query))
          .map(({ note }) => note),
    }
  }

  it('keep a fact about a caller, once for each call, and find it for nobody else', async () => {
    const notes = notesOf()
    const overrides = { notes }
    const recallAs = (caller: Partial<ToolCaller>) => use({ name: 'recall' }, { query: 'tea' }, { overrides, caller })

    await use({ name: 'remember' }, { text: 'Likes tea.', tags: ['drinks'] }, { overrides, key: 'e1:c1' })
    await use({ name: 'remember' }, { text: 'Likes tea.', tags: ['drinks'] }, { overrides, key: 'e1:c1' })

    expect(notes.kept.size).toBe(1)
    expect(await recallAs({})).toEqual({ content: '[2026-11-21] Likes tea.', isError: false })
    for (const other of [{ source: '/principals/eve' }, { tenant: 'umbrella' }, { agentId: 'spy' }])
      expect(await recallAs(other)).toEqual({ content: 'nothing is known', isError: false })
  })

  it.each([undefined, '/agents/front-desk', '/agents/%2Fprincipals%2Fada'])(
    'keep nothing about who asks as %s',
    async (source) => {
      const notes = notesOf()

      for (const name of ['remember', 'recall'] as const)
        expect(
          await use({ name }, name === 'recall' ? { query: 'x' } : { text: 'x' }, { overrides: { notes }, caller: { source } }),
        ).toMatchObject({ isError: true, content: expect.stringMatching(/^invalid_state: /) })
      expect(notes.kept.size).toBe(0)
    },
  )

  it.each([{ text: 'My key is sk-proj-4f9aB2c3D4e5F6g7H8i9.' }, { text: 'A key', tags: ['AKIAIOSFODNN7EXAMPLE'] }])(
    'keep no key, which the result does not repeat: %j',
    async (input) => {
      const notes = notesOf()

      const result = await use({ name: 'remember' }, input, { overrides: { notes } })

      expect(result).toEqual({ content: 'secret_in_request: it looks like a key, and keys are not kept', isError: true })
      expect(notes.kept.size).toBe(0)
    },
  )
})
