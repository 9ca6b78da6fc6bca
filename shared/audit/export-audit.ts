import { once } from 'node:events'
import { createGzip } from 'node:zlib'
import type { Principal } from '#shared/access/principal.ts'
import { type Clock, DAY_MS, timestamp } from '#shared/platform/clock.ts'
import { NotFoundError, ValidationError } from '#shared/platform/errors.ts'
import { derivedId, newId } from '#shared/platform/ids.ts'
import { sha256 } from '#shared/platform/sha256.ts'
import { type AuditExport, type ExportedDay, MAX_AUDIT_DAYS } from '#shared/protocol/audit.ts'
import type { AuditExports } from './audit-exports.ts'
import { dayOf } from './audit-keys.ts'
import type { AuditReader } from './audit-reader.ts'
import type { ExportFiles } from './export-files.ts'
import { type VerifyDependencies, verifyChain } from './verify-chain.ts'

export type ExportDependencies = VerifyDependencies & { auditExports: AuditExports; files: ExportFiles }

/** An export as it is handed to whoever makes it. */
export type ExportTask = { tenant: string; exportId: string; from: string; to: string }

/**
 * Asks for the days from one to another, both included.
 *
 * @throws ValidationError when there are none, or too many
 */
export async function requestExport(
  { auditExports, clock }: { auditExports: AuditExports; clock: Clock },
  { tenant }: Pick<Principal, 'tenant'>,
  { from, to }: Pick<AuditExport, 'from' | 'to'>,
): Promise<AuditExport> {
  const days = (Date.parse(to) - Date.parse(from)) / DAY_MS + 1
  if (days < 1 || days > MAX_AUDIT_DAYS || to > dayOf(clock.now()))
    throw new ValidationError(`an export has 1 to ${MAX_AUDIT_DAYS} days, the last of which has begun`, [
      { path: 'to', message: 'is no end for these days' },
    ])
  const asked: AuditExport = { exportId: newId(), status: 'requested', from, to, requestedAt: timestamp(clock) }
  await auditExports.request(tenant, asked)
  return asked
}

/** The export of a day by itself. Its id follows from the day. */
export const dailyExport = (tenant: string, day: string): ExportTask => ({
  tenant,
  exportId: derivedId('audit-export', tenant, day),
  from: day,
  to: day,
})

/** @throws NotFoundError */
export async function findExport(
  { auditExports }: { auditExports: AuditExports },
  { tenant }: Pick<Principal, 'tenant'>,
  exportId: string,
): Promise<AuditExport> {
  const found = await auditExports.get(tenant, exportId)
  if (!found) throw new NotFoundError('export', exportId)
  return found
}

/**
 * Writes the files of an export, its manifest last, and notes that it is done. Repeatable: what has been completed stays as it is.
 *
 * @param signal - ends it with its reason
 */
export async function makeExport(dependencies: ExportDependencies, task: ExportTask, signal: AbortSignal): Promise<void> {
  const { auditExports, files, clock } = dependencies
  const { tenant, exportId, from, to } = task
  const asked = await auditExports.get(tenant, exportId)
  if (asked?.status === 'completed') return markDaily(dependencies, task)
  const folder = `T/${tenant}/${exportId}`
  const days: ExportedDay[] = []
  for (let day = from; day <= to; day = dayOf(Date.parse(day) + DAY_MS))
    days.push(await exportDay(dependencies, { tenant, day }, `${folder}/${day}.jsonl.gz`, signal))
  const manifest = `${folder}/manifest.json`
  const { requestedAt = timestamp(clock) } = asked ?? {}
  const times = { requestedAt, completedAt: timestamp(clock) }
  const done: AuditExport = { exportId, status: 'completed', from, to, ...times, bucket: files.bucket, manifest, days }
  await files.put(manifest, Buffer.from(JSON.stringify({ tenant, ...done }, undefined, 2)), 'application/json')
  await auditExports.complete(tenant, done)
  await markDaily(dependencies, task)
}

async function markDaily({ auditExports }: ExportDependencies, { tenant, exportId, from }: ExportTask): Promise<void> {
  if (exportId === dailyExport(tenant, from).exportId) await auditExports.markExported(tenant, from)
}

async function exportDay(
  dependencies: ExportDependencies,
  { tenant, day }: { tenant: string; day: string },
  key: string,
  signal: AbortSignal,
): Promise<ExportedDay> {
  const { records, seals, last, intact } = await verifyChain(dependencies, { tenant, day }, signal)
  const bytes = await compressed(linesOf(dependencies.auditReader, tenant, day, signal))
  await dependencies.files.put(key, bytes, 'application/gzip')
  return { day, key, bytes: bytes.length, sha256: sha256(bytes), records, seals, ...(last && { last }), intact }
}

/** Records, then seals, each as it is stored. */
async function* linesOf(reader: AuditReader, tenant: string, day: string, signal: AbortSignal): AsyncGenerator<string> {
  for await (const { content } of reader.records(tenant, day)) {
    signal.throwIfAborted()
    yield `${JSON.stringify({ record: content })}\n`
  }
  for await (const seal of reader.seals(tenant, day)) yield `${JSON.stringify({ seal })}\n`
}

/** Only the compressed text is kept in memory. */
async function compressed(lines: AsyncIterable<string>): Promise<Buffer> {
  const gzip = createGzip()
  const bytes = gzip.toArray()
  for await (const line of lines) if (!gzip.write(line)) await once(gzip, 'drain')
  gzip.end()
  return Buffer.concat(await bytes)
}
