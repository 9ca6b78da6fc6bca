import { expect, it } from 'vitest'
import type { ErasureView } from '#shared/protocol/erasure.ts'
import { main } from '../../../../cli/main.ts'
import type { HttpCall } from '../../../../web/client/http.ts'
import { cliContext } from '../../../helpers/cli-context.ts'

const BEGUN: ErasureView = {
  erasureId: 'e-1',
  tenant: 'acme',
  status: 'stopping',
  requestedBy: 'ada',
  requestedAt: '2026-11-21T09:30:00.000Z',
  passes: 0,
  erased: {},
}
const ERASED: ErasureView = {
  ...BEGUN,
  status: 'erased',
  passes: 2,
  erased: { registry: 12, artifacts: 3 },
  endedAt: '2026-11-21T09:31:00.000Z',
  proof: {
    startedAt: '2026-11-21T09:30:30.000Z',
    endedAt: '2026-11-21T09:31:00.000Z',
    looked: { registry: 40, artifacts: 0 },
    found: { registry: 0, artifacts: 0 },
  },
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

it('begins, with the name that was confirmed, and says where it is', async () => {
  const { calls, context } = door({ erasureId: 'e-1', status: 'stopping' }, BEGUN)

  expect(await main(['tenant', 'erase', '--confirm', 'acme'], context)).toBe(0)
  expect(calls).toEqual([
    { path: '/v1/tenant/erasure', call: { method: 'POST', body: { confirm: 'acme' } } },
    { path: '/v1/tenant/erasures/e-1', call: {} },
  ])
  expect(context.out()).toBe('erasure e-1: stopping, 0 passes\n')
})

it('shows the proof as a table, or as JSON', async () => {
  const table = door(ERASED)
  expect(await main(['tenant', 'erasure', 'e-1', '--follow'], table.context)).toBe(0)
  expect(table.context.out()).toMatch(
    /erased, 2 passes\nPLACE +ERASED +LOOKED AT +LEFT *\nregistry +12 +40 +0 *\nartifacts +3 +0 +0/,
  )

  const json = door(ERASED)
  await main(['tenant', 'erasure', 'e-1', '--json'], json.context)
  expect(JSON.parse(json.context.out())).toEqual(ERASED)
})

it('fails where the erasure did', async () => {
  const { context } = door({ ...BEGUN, status: 'failed', endedAt: 'now', detail: 'somebody still writes' })

  expect(await main(['tenant', 'erasure', 'e-1'], context)).not.toBe(0)
  expect(context.out()).toContain('somebody still writes')
})

it.each([
  [['tenant', 'erase'], '--confirm <tenant>'],
  [['tenant', 'erase', 'acme'], 'too much'],
  [['tenant', 'erasure'], 'which one?'],
  [['tenant', 'erasure', 'e-1', '--confirm', 'acme'], '--confirm belongs to "erase"'],
  [['tenant'], 'what of the tenant?'],
  [['tenant', 'close'], 'does not exist'],
])('asks nothing of the front door for %j', async (args, told) => {
  const { calls, context } = door()

  expect(await main(args, context)).not.toBe(0)
  expect(context.err()).toContain(told)
  expect(calls).toEqual([])
})
