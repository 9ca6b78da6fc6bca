import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { main } from '../../../../cli/main.ts'
import type { HttpCall } from '../../../../web/client/http.ts'
import { SluiceClientError } from '../../../../web/client/index.ts'
import { type ContextOptions, cliContext } from '../../../helpers/cli-context.ts'

const AT = '2026-11-21T09:30:00.000Z'
const PATH = '/v1/agents/assistant/notes'

const note = (noteId: string, text = 'travels by train', tags: string[] = []) => ({
  noteId,
  text,
  tags,
  createdAt: AT,
  updatedAt: AT,
})

/** A front door that answers each call with the next of these; errors are thrown. */
function door(answers: unknown[], { answer, ...options }: ContextOptions & { answer?: string } = {}) {
  const calls: ({ path: string } & HttpCall)[] = []
  const http = async <Answer>(path: string, { signal: _, ...call }: HttpCall = {}): Promise<Answer> => {
    calls.push({ path, ...call })
    const next = answers.shift()
    if (next instanceof Error) throw next
    return next as Answer
  }
  const context = cliContext({ http, ...options })
  if (answer !== undefined) context.stdin = Object.assign(Readable.from([answer]), { isTTY: true })
  return { calls, context, run: (...args: string[]) => main(['notes', ...args], context) }
}

describe('sluice notes', () => {
  it('lists all of them, page by page, each in one line', async () => {
    const { calls, context, run } = door([
      { notes: [note('n-1', `likes\ntea ${'x'.repeat(100)}`, ['drinks', 'mornings'])], next: 'p 1' },
      { notes: [note('n-2')] },
    ])

    expect(await run('list', 'assistant')).toBe(0)
    expect(calls.map(({ path }) => path)).toEqual([`${PATH}?limit=100`, `${PATH}?limit=100&after=p+1`])
    expect(context.out().split('\n')).toEqual([
      expect.stringMatching(/^ID +KEPT +TAGS +NOTE$/),
      expect.stringMatching(/^n-1 +2026\S+ +drinks mornings +likes tea x+…$/),
      expect.stringMatching(/^n-2 +2026\S+ +- +travels by train$/),
      '',
    ])
  })

  it('says that there are none', async () => {
    const { context, run } = door([{ notes: [] }])

    expect(await run('list', 'assistant')).toBe(0)
    expect({ out: context.out(), err: context.err() }).toEqual({ out: '', err: '"assistant" remembers nothing of you\n' })
  })

  it('searches them', async () => {
    const { calls, context, run } = door([{ notes: [note('n-1')] }])

    expect(await run('search', 'assistant', 'by', 'train', '--json')).toBe(0)
    expect(calls).toEqual([{ path: `${PATH}?query=by+train&limit=100` }])
    expect(JSON.parse(context.out())).toEqual({ notes: [note('n-1')] })
  })

  it.each([
    ['words', ['I', 'live', 'in', 'Zürich'], ''],
    ['stdin', ['-'], 'I live in Zürich\n'],
  ])('adds one of %s', async (_, words, stdin) => {
    const { calls, context, run } = door([note('n-1')], { stdin })

    expect(await run('add', 'assistant', ...words, '--tag', 'home', '--tag', 'city')).toBe(0)
    expect(calls).toEqual([{ path: PATH, method: 'POST', body: { text: 'I live in Zürich', tags: ['home', 'city'] } }])
    expect(context.out()).toBe('n-1\n')
  })

  it('has one forgotten', async () => {
    const { calls, context, run } = door([undefined])

    expect(await run('forget', 'a/1', 'n/1', '--json')).toBe(0)
    expect(calls).toEqual([{ path: '/v1/agents/a%2F1/notes/n%2F1', method: 'DELETE' }])
    expect(JSON.parse(context.out())).toEqual({ noteId: 'n/1', deleted: true })
  })

  it.each([
    ['with --yes', ['--yes'], {}],
    ['when the answer is yes', [], { answer: 'y\n' }],
  ])('has all of them forgotten, %s', async (_, flags, options) => {
    const { calls, context, run } = door([{ notes: [note('n-1')], next: 'p' }, { notes: [note('n-2')] }], options)

    expect(await run('forget', 'assistant', '--all', ...flags)).toBe(0)
    expect(calls.slice(2)).toEqual([
      { path: `${PATH}/n-1`, method: 'DELETE' },
      { path: `${PATH}/n-2`, method: 'DELETE' },
    ])
    expect(context.out()).toBe('2 notes forgotten\n')
  })

  it.each([
    ['nobody can be asked', {}, 2, 'say --yes'],
    ['the answer is no', { answer: '\n' }, 1, 'nothing was changed'],
  ])('forgets nothing when %s', async (_, options, exitCode, said) => {
    const { calls, context, run } = door([{ notes: [note('n-1')] }], options)

    expect(await run('forget', 'assistant', '--all')).toBe(exitCode)
    expect(context.err()).toContain(said)
    expect(calls).toHaveLength(1)
  })

  it('asks nobody when there is nothing to forget', async () => {
    const { context, run } = door([{ notes: [] }])

    expect(await run('forget', 'assistant', '--all')).toBe(0)
    expect(context.out()).toBe('0 notes forgotten\n')
  })

  it('stops at the first one that cannot be forgotten', async () => {
    const { calls, context, run } = door([{ notes: [note('n-1'), note('n-2')] }, new SluiceClientError('forbidden', 'no')])

    expect(await run('forget', 'assistant', '--all', '--yes')).toBe(1)
    expect(context.err()).toContain('error forbidden')
    expect(calls).toHaveLength(2)
  })

  it.each([
    [[], 'what about notes?'],
    [['burn', 'assistant'], 'does not exist'],
    [['list'], 'of which agent?'],
    [['list', 'assistant', 'more'], '"more" is too much'],
    [['list', 'assistant', '--all'], 'belong to "forget"'],
    [['list', 'assistant', '--tag', 'x'], 'belongs to "add"'],
    [['search', 'assistant'], 'which words?'],
    [['add', 'assistant'], 'what is to be remembered?'],
    [['add', 'assistant', ' '], 'what is to be remembered?'],
    [['forget', 'assistant'], 'which note?'],
    [['forget', 'assistant', 'n-1', 'n-2'], '"n-2" is too much'],
    [['forget', 'assistant', 'n-1', '--all'], '"n-1" is too much'],
    [['forget', 'assistant', 'n-1', '--yes'], '--yes belongs to --all'],
  ])('refuses %j before it calls', async (args, said) => {
    const { calls, context, run } = door([])

    expect(await run(...args)).toBe(2)
    expect(context.err()).toContain(said)
    expect(calls).toEqual([])
  })
})
