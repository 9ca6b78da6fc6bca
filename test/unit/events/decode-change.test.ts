import { describe, expect, it } from 'vitest'
import { decodeChange } from '#shared/events/decode-change.ts'
import { toItem } from '#shared/executions/execution-item.ts'
import { anAgent, anExecution } from '../../helpers/executions.ts'

const at = '2026-11-21T09:30:07.000Z'
const gate = { open: true, limit: 1, queueLimit: 10, waiting: 2, active: new Set(['e-1']) }

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
