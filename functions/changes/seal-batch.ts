import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { unmarshall } from '@aws-sdk/util-dynamodb'
import type { DynamoDBBatchResponse, DynamoDBRecord } from 'aws-lambda'
import pLimit from 'p-limit'
import { parseDayPartition, tenantOfItem } from '#shared/audit/audit-keys.ts'
import type { StoredRecord } from '#shared/audit/seal.ts'
import { type SealDependencies, sealRecords } from '#shared/audit/seal-records.ts'
import type { TenantGate } from '#shared/limits/tenant-gate.ts'
import { toSluiceError } from '#shared/platform/errors.ts'
import type { Log } from '#shared/platform/log.ts'
import { withoutErased } from './without-erased.ts'

export type SealBatchDependencies = SealDependencies & {
  /** Name of the audit table. */
  auditTable: string
  tenants: Pick<TenantGate, 'isClosed'>
  logger: Log
}

/** Days that are sealed at once. */
const AT_ONCE = 10
/** Who removes what has expired (developer guide of DynamoDB, "TTL and streams"). */
const TIME_TO_LIVE = 'dynamodb.amazonaws.com'

/** Whether the changes are of the audit table: a batch is of one stream. */
export const isOfAudit = ({ auditTable }: { auditTable: string }, [record]: DynamoDBRecord[]): boolean =>
  record?.eventSourceARN?.includes(`:table/${auditTable}/`) === true

/**
 * Seals new records of the audit log, day by day, and raises the alarm for what nobody may do. From the first day that fails on, the batch
 * comes again: what is sealed stays sealed.
 */
export async function sealBatch(dependencies: SealBatchDependencies, records: DynamoDBRecord[]): Promise<DynamoDBBatchResponse> {
  const limit = pLimit(AT_ONCE)
  const kept = new Set(await withoutErased(dependencies, records))
  const fresh = records
    .map((record, index) => ({ record, index }))
    .filter(({ record }) => record.eventName === 'INSERT' && kept.has(record))
  const days = Map.groupBy(fresh, ({ record }) => keysOf(record).pk)
  const [failed] = await Promise.all([
    Promise.all([...days].map(([pk, group]) => limit(() => sealDay(dependencies, pk, group)))),
    Promise.all(records.filter(({ eventName }) => eventName !== 'INSERT').map((record) => reportTampering(dependencies, record))),
  ])
  const first = records[Math.min(records.length, ...failed)]
  return { batchItemFailures: first ? [{ itemIdentifier: String(first.dynamodb?.SequenceNumber) }] : [] }
}

/** @returns the place in the batch from which it must come again; infinity when all is done */
async function sealDay(
  dependencies: SealBatchDependencies,
  pk: string,
  group: { record: DynamoDBRecord; index: number }[],
): Promise<number> {
  const day = parseDayPartition(pk)
  if (!day) return Number.POSITIVE_INFINITY
  try {
    await sealRecords(
      dependencies,
      day,
      group.map(({ record }) => storedOf(record)),
    )
    return Number.POSITIVE_INFINITY
  } catch (error) {
    dependencies.logger.warn('change_retried', { ...day, code: toSluiceError(error).code, error })
    return Math.min(...group.map(({ index }) => index))
  }
}

/** Items of the log are put once: nobody changes one, and nobody removes one but time, and the erasure of a tenant. */
async function reportTampering({ tenants, logger }: SealBatchDependencies, record: DynamoDBRecord): Promise<void> {
  const { eventName, eventID, userIdentity } = record
  const isExpiry = (userIdentity as { principalId?: string } | undefined)?.principalId === TIME_TO_LIVE
  if (eventName === 'REMOVE' && isExpiry) return
  const keys = keysOf(record)
  const tenant = tenantOfItem(keys)
  if (eventName === 'REMOVE' && tenant !== undefined && (await tenants.isClosed(tenant))) return
  logger.error('audit_tampered', { ...keys, tenant, eventName, eventID })
}

function storedOf(record: DynamoDBRecord): StoredRecord {
  const { pk: _pk, sk, expiresAt: _expiresAt, ...content } = plain(record.dynamodb?.NewImage)
  return { place: String(sk), content }
}

function keysOf({ dynamodb }: DynamoDBRecord): { pk: string; sk: string } {
  const { pk, sk } = plain(dynamodb?.Keys)
  return { pk: String(pk), sk: String(sk) }
}

/** The types of Lambda's events and of the SDK say the same in different words. */
const plain = (image: unknown = {}): Record<string, unknown> => unmarshall(image as Record<string, AttributeValue>)
