import { expect, it } from 'vitest'
import { main } from '../../../../cli/main.ts'
import type { HttpCall } from '../../../../web/client/http.ts'
import { cliContext } from '../../../helpers/cli-context.ts'

const KEY = {
  keyId: '4fQ7x1mP0aZ9kLw2',
  name: 'ci',
  subject: 'api-key:4fQ7x1mP0aZ9kLw2',
  roles: ['user'],
  scopes: [],
  createdBy: 'ada',
  createdAt: '2026-11-21T09:30:00.000Z',
}

/** A front door that answers each call with the next of these. */
function door(...answers: unknown[]) {
  const calls: { path: string; call: HttpCall }[] = []
  const http = async <Answer>(path: string, { signal: _, ...call }: HttpCall = {}): Promise<Answer> => {
    calls.push({ path, call })
    return answers.shift() as Answer
  }
  return { calls, context: cliContext({ http }) }
}

it('lists all of them, page by page', async () => {
  const { calls, context } = door({ apiKeys: [KEY], next: 'c 1' }, { apiKeys: [{ ...KEY, keyId: 'b', expiresAt: 'soon' }] })

  expect(await main(['api-keys'], context)).toBe(0)
  expect(calls.map(({ path }) => path)).toEqual(['/v1/api-keys?limit=100', '/v1/api-keys?limit=100&after=c+1'])
  expect(context.out()).toMatch(/^ID .+\n4fQ7x1mP0aZ9kLw2 {2}ci +user +ada +never +never\nb .+ soon /)
})

it('makes one, and shows nothing but it on stdout', async () => {
  const { calls, context } = door({ ...KEY, key: 'slk_text' })

  expect(await main(['api-keys', 'create', 'ci', '--role', 'user', '--scope', 'audit:*', '--expires-in', '90d'], context)).toBe(0)
  expect(calls).toMatchObject([
    {
      path: '/v1/api-keys',
      call: {
        method: 'POST',
        body: { name: 'ci', roles: ['user'], scopes: ['audit:*'], expiresAt: expect.stringMatching(/Z$/) },
      },
    },
  ])
  expect(calls[0]?.call).not.toHaveProperty('idempotencyKey')
  expect(context.out()).toBe('slk_text\n')
  expect(context.err()).toBe('key 4fQ7x1mP0aZ9kLw2: it is not shown again\n')
})

it('revokes one', async () => {
  const { calls, context } = door(undefined)

  expect(await main(['api-keys', 'revoke', 'a/b'], context)).toBe(0)
  expect(calls).toEqual([{ path: '/v1/api-keys/a%2Fb', call: { method: 'DELETE' } }])
})

it.each([
  [['create'], 'what is it for?'],
  [['create', 'ci'], 'what may it do?'],
  [['create', 'ci', '--role', 'usr'], 'did you mean "user"?'],
  [['create', 'ci', '--scope', 'agents:fly'], 'there is no scope "agents:fly"'],
  [['revoke'], 'which one?'],
  [['revoke', 'a', 'b'], '"b" is too much'],
  [['list', '--role', 'user'], 'belong to "create"'],
  [['rotate'], '"api-keys rotate" does not exist'],
])('refuses %j', async (args, message) => {
  const { calls, context } = door()

  expect(await main(['api-keys', ...args], context)).toBe(2)
  expect(context.err()).toContain(message)
  expect(calls).toEqual([])
})
