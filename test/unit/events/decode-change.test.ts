import { describe, expect, it } from 'vitest'
import { endsBy } from '#shared/events/change.ts'
import { decodeChange as decodeWith, type OnUnknown, type TableWrite } from '#shared/events/decode-change.ts'
import { toItem } from '#shared/executions/execution-item.ts'
import { anAgent, anExecution } from '../../helpers/executions.ts'

const at = '2026-11-21T09:30:07.000Z'
const gate = { open: true, limit: 1, queueLimit: 10, waiting: 2, active: new Set(['e-1']) }

/** Everything in it is known. */
const decodeChange = (write: TableWrite) => decodeWith(write, () => expect.unreachable())

describe('decodeChange', () => {
  it('knows executions', () => {
    const before = anExecution({ executionId: 'e-1' })
    const after = { ...before, status: 'running' as const, attempt: 1 }
    const key = { pk: 'T#acme#EXEC#e-1', sk: 'EXEC' }

    expect(decodeChange({ key, before: toItem(before, 1), after: toItem(after, 2), at })).toMatchObject({
      kind: 'execution',
      at,
      before: { executionId: 'e-1', status: 'queued' },
      after: { executionId: 'e-1', status: 'running', attempt: 1 },
    })
    expect(decodeChange({ key, before: toItem(before, 1), at })).toBeUndefined()
  })

  it('knows executions of earlier versions', () => {
    const { nextAttempt: _n, priority: _p, ...old } = toItem(anExecution(), 1)

    expect(decodeChange({ key: { pk: 'T#acme#EXEC#e-1', sk: 'EXEC' }, after: old, at })).toMatchObject({ kind: 'execution' })
  })

  it('knows agents, those of earlier versions too', () => {
    const key = { pk: 'T#acme', sk: 'AGENT#assistant' }
    const { revision: _r, maxConcurrency: _c, maxQueue: _q, ...old } = anAgent()

    expect(decodeChange({ key, before: old, after: anAgent({ revision: 2 }), at })).toMatchObject({
      kind: 'agent',
      tenant: 'acme',
      before: { revision: 1, maxConcurrency: 10 },
      after: { revision: 2 },
    })
    expect(decodeChange({ key, before: anAgent(), at })).toMatchObject({ kind: 'agent', after: undefined })
  })

  it('knows gates that stand', () => {
    const key = { pk: 'T#acme#AGENT#a#1', sk: 'GATE' }

    expect(decodeChange({ key, after: gate, at })).toEqual({
      kind: 'gate',
      agent: { tenant: 'acme', agentId: 'a#1' },
      gate: { ...gate, active: ['e-1'] },
    })
    expect(decodeChange({ key, before: gate, at })).toBeUndefined()
  })

  it.each([
    ['a subscription', 'T#acme#TOPIC#questions', 'AGENT#assistant'],
    ['a place in a mailbox', 'T#acme#MAIL#assistant', '05#x#e-1'],
    ['an execution of nobody', 'EXEC#e-1', 'EXEC'],
    ['something else of a tenant', 'T#acme', 'SETTINGS'],
    ['what a later version stores', 'T#acme#FUTURE#1', 'FUTURE'],
  ])('leaves %s alone', (_what, pk, sk) => {
    expect(decodeChange({ key: { pk, sk }, after: { anything: true }, at })).toBeUndefined()
  })

  it('refuses one of ours that cannot be read', () => {
    expect(() => decodeChange({ key: { pk: 'T#acme', sk: 'AGENT#assistant' }, after: { status: 'singing' }, at })).toThrow()
  })
})

describe('decodeChange of what a later version has written', () => {
  const key = { pk: 'T#acme#EXEC#e-1', sk: 'EXEC' }
  const running = toItem(anExecution({ executionId: 'e-1', status: 'running', attempt: 1 }), 1)

  function decode(write: Omit<TableWrite, 'at'>) {
    const unknown: Parameters<OnUnknown>[0][] = []
    return { change: decodeWith({ at, ...write }, (one) => unknown.push(one)), unknown }
  }

  it.each<[string, object]>([
    ['a wait for something new', { suspended: { for: 'weather', since: 1, until: 2 } }],
    ['another kind of failure', { error: { code: 'eaten_by_a_bear', detail: 'it was large' } }],
    ['another order of batches', { batchOrder: 'backwards' }],
    ['a marker that says more', { woken: 'twice' }],
    ['settings of a new shape', { llm: JSON.stringify({ provider: 7 }) }],
  ])('leaves out %s, and knows the rest', (_what, attributes) => {
    const after = { ...running, status: 'completed', ...attributes }

    const { change, unknown } = decode({ key, before: { ...running, ...attributes }, after })

    expect(change).toMatchObject({ before: { status: 'running' }, after: { executionId: 'e-1', status: 'completed' } })
    expect(unknown).toEqual([{ attributes: Object.keys(attributes), ignored: false }])
    for (const name of Object.keys(attributes)) expect(change).not.toHaveProperty(['after', name])
  })

  it('knows nothing of attributes that are new', () => {
    expect(decode({ key, before: running, after: { ...running, mood: 'fine' } }).unknown).toEqual([])
  })

  it('ignores a status that it does not know', () => {
    const { change, unknown } = decode({ key, before: running, after: { ...running, status: 'dreaming' } })

    expect(change).toBeUndefined()
    expect(unknown).toEqual([{ attributes: ['status'], ignored: true }])
  })

  it('does not miss the end of what had such a status', () => {
    const { change } = decode({ key, before: { ...running, status: 'dreaming' }, after: { ...running, status: 'failed' } })

    expect(change?.kind === 'execution' && endsBy(change)).toBe(true)
  })

  it('ignores an agent of another kind, and knows one with more than it knows', () => {
    const agentOf = { pk: 'T#acme', sk: 'AGENT#assistant' }

    expect(decode({ key: agentOf, before: anAgent(), after: { ...anAgent(), kind: 'swarm' } })).toEqual({
      change: undefined,
      unknown: [{ attributes: ['kind'], ignored: true }],
    })
    expect(decode({ key: agentOf, after: { ...anAgent(), reasoningPattern: 'dreaming' } }).change).toMatchObject({
      after: { agentId: 'assistant', status: 'running' },
    })
  })

  it('refuses what is nothing of any version', () => {
    const { createdAt: _c, ...broken } = running

    expect(() => decode({ key, after: { ...broken, status: 'dreaming' } })).toThrow()
    expect(() => decode({ key, after: { ...running, input: '{' } })).toThrow(SyntaxError)
  })
})
