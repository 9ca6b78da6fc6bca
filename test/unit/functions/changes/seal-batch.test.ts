import type { Context, DynamoDBRecord } from 'aws-lambda'
import { describe, expect, it } from 'vitest'
import { dayPartition, placeOf, STRANGERS, sealKey } from '#shared/audit/audit-keys.ts'
import { memoryAuditLog } from '#shared/audit/memory-audit-log.ts'
import { verifyChain } from '#shared/audit/verify-chain.ts'
import { memoryTenantGate } from '#shared/limits/memory-tenant-gate.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import { memoryLog } from '#shared/platform/log.ts'
import type { AuditRecord } from '#shared/protocol/audit.ts'
import { createHandler } from '../../../../functions/changes/create-handler.ts'
import type { ChangesFunctionDependencies } from '../../../../functions/changes/dependencies.ts'
import { isOfAudit, type SealBatchDependencies } from '../../../../functions/changes/seal-batch.ts'
import { aRecord, DAY, NOON } from '../../../helpers/audit.ts'
import { aStreamRecord } from '../../../helpers/stream-records.ts'

const STREAM = 'arn:aws:dynamodb:us-east-1:000000000000:table/audit/stream/2026-11-21T00:00:00.000'

const keyOf = (record: AuditRecord, tenant = 'acme') => ({ pk: dayPartition(tenant, DAY), sk: placeOf(record) })
const inserted = (index: number, record: AuditRecord, tenant?: string): DynamoDBRecord => ({
  ...aStreamRecord(index, { key: keyOf(record, tenant), after: { ...record, expiresAt: 1_900_000_000 } }),
  eventSourceARN: STREAM,
})

function scene(overrides: Partial<SealBatchDependencies> = {}) {
  const store = memoryAuditLog()
  const logger = memoryLog()
  const tenants = memoryTenantGate()
  const clock = { now: () => NOON + 30_000 }
  const dependencies = { auditTable: 'audit', seals: store, clock, tenants, logger, ...overrides }
  // A batch of the audit table needs nothing else of the function.
  const handler = createHandler(dependencies as ChangesFunctionDependencies)
  const handle = (Records: DynamoDBRecord[]) => handler({ Records }, {} as Context)
  const written = async (...records: AuditRecord[]) => {
    for (const record of records) await store.append('acme', record)
    return records.map((record, index) => inserted(index, record))
  }
  return {
    store,
    logger,
    tenants,
    handle,
    written,
    verify: () => verifyChain({ ...dependencies, auditReader: store }, { tenant: 'acme', day: DAY }),
  }
}

describe('a batch of the audit table', () => {
  it('is known by its stream', () => {
    const record = inserted(0, aRecord())
    expect(isOfAudit({ auditTable: 'audit' }, [record])).toBe(true)
    expect(isOfAudit({ auditTable: 'executions' }, [record])).toBe(false)
    expect(isOfAudit({ auditTable: 'audit' }, [])).toBe(false)
  })

  it('is not sealed where it comes late of a tenant that is closed: the seal would stand behind its erasure', async () => {
    const { handle, written, tenants, verify } = scene()
    const batch = await written(aRecord())
    await tenants.close('acme')

    expect(await handle(batch)).toEqual({ batchItemFailures: [] })

    expect(await verify()).toMatchObject({ seals: 0 })
  })

  it('is sealed as it is stored, whatever comes again', async () => {
    const { handle, written, verify, store } = scene()
    const batch = await written(aRecord({ credential: { kind: 'api_key', id: 'k' } }), aRecord({ omitted: 3 }, 1), aRecord({}, 2))

    expect(await handle(batch)).toEqual({ batchItemFailures: [] })
    await handle(batch.slice(1))
    await handle(batch)

    expect(await verify()).toMatchObject({ intact: true, records: 3, seals: 1 })
    expect(store.day('acme', DAY).seals).toHaveLength(1)
  })

  it('is sealed by tenants, strangers among them', async () => {
    const { handle, store } = scene()

    await handle([inserted(0, aRecord()), inserted(1, aRecord(), 'other'), inserted(2, aRecord(), STRANGERS)])

    for (const tenant of ['acme', 'other', STRANGERS]) expect(store.day(tenant, DAY).seals).toMatchObject([{ tenant, n: 0 }])
  })

  it('comes again from the first day that could not be sealed', async () => {
    const { store, ...ports } = scene()
    const put = async (seal: Parameters<typeof store.put>[0]) => {
      if (seal.tenant === 'other') throw new SluiceError('unavailable', 'the table is not there')
      return store.put(seal)
    }
    const failing = scene({ seals: { ...store, put } })
    const batch = [inserted(0, aRecord()), inserted(1, aRecord(), 'other'), inserted(2, aRecord())]

    expect(await failing.handle(batch)).toEqual({ batchItemFailures: [{ itemIdentifier: 's-1' }] })
    expect(failing.logger.lines).toMatchObject([{ level: 'warn', code: 'change_retried', fields: { tenant: 'other' } }])
    expect(store.day('acme', DAY).seals).toHaveLength(1)
    expect(ports.logger.lines).toEqual([])
  })

  describe('with a change that nobody may make', () => {
    const record = aRecord()
    const changed = aStreamRecord(0, { key: keyOf(record), before: record, after: { ...record, subject: 'eve' } })
    const removed = aStreamRecord(0, { key: keyOf(record), before: record })
    const removedSeal = aStreamRecord(0, { key: { pk: dayPartition('acme', DAY), sk: sealKey(0) }, before: { n: 0 } })
    const removedMark = aStreamRecord(0, { key: { pk: `DAY#${DAY}`, sk: 'EXPORTED#acme' }, before: { expiresAt: 1 } })

    it.each([
      ['MODIFY', changed],
      ['REMOVE', removed],
      ['REMOVE', removedSeal],
      ['REMOVE', removedMark],
    ])('raises the alarm: %s', async (eventName, change) => {
      const { handle, logger } = scene()

      expect(await handle([{ ...change, eventSourceARN: STREAM }])).toEqual({ batchItemFailures: [] })

      expect(logger.lines).toMatchObject([{ level: 'error', code: 'audit_tampered', fields: { tenant: 'acme', eventName } }])
    })

    it('is silent about what has expired, and about a tenant that is being erased', async () => {
      const { handle, logger, tenants } = scene()
      const userIdentity = { type: 'Service', principalId: 'dynamodb.amazonaws.com' }
      await handle([{ ...removed, eventSourceARN: STREAM, userIdentity }])
      await tenants.close('acme')

      await handle([{ ...removed, eventSourceARN: STREAM }])

      expect(logger.lines).toEqual([])
      await handle([{ ...changed, eventSourceARN: STREAM }])
      expect(logger.lines).toHaveLength(1)
    })
  })
})
