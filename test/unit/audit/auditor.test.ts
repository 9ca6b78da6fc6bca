import { describe, expect, it } from 'vitest'
import { createAuditor } from '#shared/audit/auditor.ts'
import { memoryAuditLog } from '#shared/audit/memory-audit-log.ts'
import { digestOf } from '#shared/platform/digest.ts'
import { memoryLog } from '#shared/platform/log.ts'
import { auditRecordSchema } from '#shared/protocol/audit.ts'
import { NOON } from '../../helpers/audit.ts'

const principal = { tenant: 'acme', subject: 'ada', credential: { kind: 'token', id: 'k1' } } as const
const call = {
  door: 'http',
  action: 'pauseAgent',
  resource: '/v1/agents/support/pause?token=hush',
  startedAt: NOON,
  principal,
  origin: { address: '198.51.100.1', userAgent: `x\ud800${'y'.repeat(300)}`, requestId: 'r-1' },
  request: { b: 1, a: 2 },
} as const

function scene(overrides: { append?: () => Promise<void> } = {}) {
  const auditLog = { ...memoryAuditLog(), ...overrides }
  const log = memoryLog()
  return { auditLog, log, audit: createAuditor({ auditLog, log, clock: { now: () => NOON + 40 } }) }
}

describe('an auditor', () => {
  it('writes who did what to what, and what became of it', async () => {
    const { audit, auditLog } = scene()

    await audit(call, { status: 200, before: { status: 'running' }, after: { status: 'paused' } })

    const [written] = auditLog.written
    expect(written?.tenant).toBe('acme')
    expect(auditRecordSchema.parse(written?.record)).toEqual({
      auditId: expect.any(String),
      time: '2026-11-21T12:00:00.000Z',
      subject: 'ada',
      credential: { kind: 'token', id: 'k1' },
      door: 'http',
      action: 'pauseAgent',
      resource: '/v1/agents/support/pause',
      outcome: 'accepted',
      status: 200,
      address: '198.51.100.1',
      userAgent: `x\ufffd${'y'.repeat(254)}`,
      requestId: 'r-1',
      durationMs: 40,
      requestSha256: digestOf({ a: 2, b: 1 }),
      beforeSha256: digestOf({ status: 'running' }),
      afterSha256: digestOf({ status: 'paused' }),
    })
  })

  it.each([
    [204, 'accepted'],
    [409, 'refused'],
    [503, 'failed'],
  ] as const)('takes %i for %s', async (status, outcome) => {
    const { audit, auditLog } = scene()

    await audit(call, { status })

    expect(auditLog.written[0]?.record).toMatchObject({ status, outcome })
  })

  it('keeps calls of strangers apart, and a flood of them short', async () => {
    const { audit, auditLog } = scene()
    const stranger = { ...call, principal: undefined }

    for (let index = 0; index < 20; index += 1) await audit(stranger, { status: 401, code: 'unauthorized' })
    await audit({ ...stranger, origin: { address: '198.51.100.2' } }, { status: 401, code: 'unauthorized' })

    expect(auditLog.written).toHaveLength(6)
    expect(new Set(auditLog.written.map(({ tenant }) => tenant))).toEqual(new Set(['-']))
    expect(auditLog.written.at(-1)?.record).toMatchObject({ omitted: 15, address: '198.51.100.2' })
    expect(auditLog.written[0]?.record).not.toHaveProperty('subject')
  })

  it('puts the whole record into the log when it cannot be stored', async () => {
    const { audit, auditLog, log } = scene({
      append: async () => {
        throw new Error('no table')
      },
    })

    await audit(call, { status: 200 })

    expect(auditLog.written).toEqual([])
    const [line] = log.lines
    expect(line).toMatchObject({ level: 'error', code: 'audit_failed', fields: { tenant: 'acme' } })
    expect(auditRecordSchema.parse(line?.fields.record)).toMatchObject({ action: 'pauseAgent', subject: 'ada' })
  })
})
