import { expect, it } from 'vitest'
import { main } from '../../../../cli/main.ts'
import type { HttpCall } from '../../../../web/client/http.ts'
import { cliContext } from '../../../helpers/cli-context.ts'
import { anApproval } from '../../../helpers/executions.ts'

/** A front door that answers each call with the next of these. */
function door(...answers: unknown[]) {
  const calls: { path: string; call: HttpCall }[] = []
  const http = async <Answer>(path: string, { signal: _, ...call }: HttpCall = {}): Promise<Answer> => {
    calls.push({ path, call })
    return answers.shift() as Answer
  }
  return { calls, context: cliContext({ http }) }
}

const approval = anApproval({ approvalId: 'a-1', arguments: { to: `\u001b[2J${'x'.repeat(100)}` } })

it('lists what is to be decided, page by page, in one line each', async () => {
  const { calls, context } = door({ approvals: [approval], next: 'c 1' }, { approvals: [{ ...approval, approvalId: 'a-2' }] })

  expect(await main(['approvals'], context)).toBe(0)

  expect(calls.map(({ path }) => path)).toEqual([
    '/v1/approvals?status=pending&limit=100',
    '/v1/approvals?status=pending&limit=100&after=c+1',
  ])
  expect(context.out()).toMatch(/^ID .+\na-1 +assistant +pay +pending .+\{"to":"\\u001b\[2Jx+…\na-2 .+…\n$/)
})

it('lists those of an agent and an execution with a status', async () => {
  const { calls, context } = door({ approvals: [] })

  expect(await main(['approvals', 'list', '--status', 'denied', '--agent', 'support', '--execution', 'e 1'], context)).toBe(0)

  expect(calls[0]?.path).toBe('/v1/approvals?status=denied&limit=100&agentId=support&executionId=e+1')
  expect(context.out()).toBe('')
  expect(context.err()).toContain('there are no such approvals')
})

it.each([
  ['approve', [], { decision: 'approve' }],
  ['deny', ['--reason', 'too dear'], { decision: 'deny', reason: 'too dear' }],
])('can %s', async (verb, options, body) => {
  const { calls, context } = door({ ...approval, executionId: 'e-1', status: 'denied' })

  expect(await main(['approvals', verb, 'a/1', ...options], context)).toBe(0)

  expect(calls).toEqual([{ path: '/v1/approvals/a%2F1', call: { method: 'POST', body } }])
  expect(context.out()).toBe('pay of e-1 is denied\n')
})

it('prints what the API said with --json', async () => {
  const { context } = door(approval)

  await main(['approvals', 'approve', 'a-1', '--json'], context)

  expect(JSON.parse(context.out())).toEqual(approval)
})

it.each([
  [['approve'], 'which one?'],
  [['approve', 'a-1', 'a-2'], 'a-2'],
  [['deny', 'a-1', '--agent', 'support'], 'belong to "list"'],
  [['list', '--reason', 'no'], 'belongs to "approve" and "deny"'],
  [['list', 'a-1'], 'a-1'],
  [['forget', 'a-1'], 'does not exist'],
])('refuses %j', async (args, message) => {
  const { calls, context } = door()

  expect(await main(['approvals', ...args], context)).toBe(2)

  expect(context.err()).toContain(message)
  expect(calls).toEqual([])
})
