import { describe, expect, it } from 'vitest'
import { main } from '../../../../cli/main.ts'
import type { HttpCall } from '../../../../web/client/http.ts'
import { cliContext } from '../../../helpers/cli-context.ts'

const AT = '2026-11-21T09:30:00.000Z'
const HEAD = {
  id: 'c-1',
  conversationId: 'holidays',
  agentId: 'assistant',
  source: '/principals/ada',
  createdAt: AT,
  updatedAt: AT,
}
const TURN = { role: 'user', content: `the train\nto Zürich ${'x'.repeat(100)}`, at: AT }

/** A front door that answers each call with the next of these. */
function door(...answers: unknown[]) {
  const calls: { path: string; call: HttpCall }[] = []
  const http = async <Answer>(path: string, { signal: _, ...call }: HttpCall = {}): Promise<Answer> => {
    calls.push({ path, call })
    return answers.shift() as Answer
  }
  return { calls, context: cliContext({ http }) }
}

describe('sluice conversations', () => {
  it('lists all of them, page by page', async () => {
    const { calls, context } = door({ conversations: [HEAD], next: 'p 1' }, { conversations: [{ ...HEAD, id: 'c-2' }] })

    expect(await main(['conversations', 'list', 'assistant'], context)).toBe(0)
    expect(calls.map(({ path }) => path)).toEqual([
      '/v1/conversations?agentId=assistant&limit=100',
      '/v1/conversations?agentId=assistant&limit=100&after=p+1',
    ])
    expect(context.out()).toMatch(/^ID .+\nc-1 +holidays .+\nc-2 /)
  })

  it('shows hits in one line each, and says what was not looked through', async () => {
    const { calls, context } = door({ hits: [{ id: 'c-1', conversationId: 'holidays', turn: TURN }], more: true })

    expect(await main(['conversations', 'search', 'assistant', 'train', 'Zürich'], context)).toBe(0)
    expect(calls[0]?.path).toBe('/v1/conversations/search?agentId=assistant&query=train+Z%C3%BCrich')
    expect(context.out().trim().split('\n')).toHaveLength(2)
    expect(context.out()).toMatch(/the train to Zürich x+…$/m)
    expect(context.err()).toContain('older conversations')
  })

  it('gives one out whole', async () => {
    const { calls, context } = door({
      ...HEAD,
      exportedAt: AT,
      turns: [TURN, { ...TURN, role: 'assistant', content: 'at nine' }],
    })

    expect(await main(['conversations', 'show', 'c/1'], context)).toBe(0)
    expect(calls[0]?.path).toBe('/v1/conversations/c%2F1/export')
    expect(context.out()).toContain(`assistant, ${AT}\nat nine`)
  })

  it('has one forgotten', async () => {
    const { calls, context } = door(undefined)

    expect(await main(['conversations', 'delete', 'c-1', '--json'], context)).toBe(0)
    expect(calls).toEqual([{ path: '/v1/conversations/c-1', call: { method: 'DELETE' } }])
    expect(JSON.parse(context.out())).toEqual({ id: 'c-1', deleted: true })
  })

  it.each([
    [[], 'what about conversations?'],
    [['burn', 'x'], 'does not exist'],
    [['list'], 'of which one?'],
    [['search', 'assistant'], 'which words?'],
    [['show', 'c-1', 'c-2'], 'c-2'],
  ])('refuses %j', async (args, said) => {
    const { calls, context } = door()

    expect(await main(['conversations', ...args], context)).toBe(2)
    expect(context.err()).toContain(said)
    expect(calls).toEqual([])
  })
})
