import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { dailyExport, makeExport, requestExport } from '#shared/audit/export-audit.ts'
import { exportEndedDays, newExportProgress } from '#shared/audit/export-ended-days.ts'
import { memoryAuditLog } from '#shared/audit/memory-audit-log.ts'
import { memoryExportFiles } from '#shared/audit/memory-export-files.ts'
import { sealRecords } from '#shared/audit/seal-records.ts'
import { digestOf } from '#shared/platform/digest.ts'
import { sha256 } from '#shared/platform/sha256.ts'
import { aRecord, DAY, NOON, stored } from '../../helpers/audit.ts'

const BEFORE = '2026-11-20'
const signal = new AbortController().signal

async function scene() {
  let now = NOON
  const log = memoryAuditLog()
  const files = memoryExportFiles()
  const clock = { now: () => now }
  const dependencies = { auditReader: log, seals: log, auditExports: log, files, clock }
  const write = async (tenant: string, day: string) => {
    const record = stored(aRecord({ time: `${day}T10:00:00.000Z` }))
    log.day(tenant, day).records.push(record)
    await sealRecords({ seals: log, clock: { now: () => Date.parse(`${day}T10:00:02Z`) } }, { tenant, day }, [record])
    return record
  }
  return {
    log,
    files,
    dependencies,
    write,
    later: (milliseconds: number) => {
      now += milliseconds
    },
  }
}

const linesOf = (bytes: Uint8Array | undefined): Record<string, unknown>[] =>
  gunzipSync(bytes ?? new Uint8Array())
    .toString()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))

describe('an export', () => {
  it('has the records and the seals of its days, and a manifest with their hashes', async () => {
    const { log, files, dependencies, write } = await scene()
    const records = [await write('acme', BEFORE), await write('acme', DAY)]
    await write('other', DAY)
    const { exportId, ...asked } = await requestExport(dependencies, { tenant: 'acme' }, { from: BEFORE, to: DAY })

    await makeExport(dependencies, { tenant: 'acme', exportId, ...asked }, signal)

    const done = await log.get('acme', exportId)
    expect(done).toMatchObject({ status: 'completed', bucket: 'audit', manifest: `T/acme/${exportId}/manifest.json` })
    expect(JSON.parse(Buffer.from(files.files.get(String(done?.manifest)) ?? []).toString())).toEqual({ tenant: 'acme', ...done })
    expect(done?.days?.map(({ day, intact, records: count }) => [day, intact, count])).toEqual([
      [BEFORE, true, 1],
      [DAY, true, 1],
    ])
    const days = done?.days ?? []
    for (const [index, { key, sha256: hash, bytes }] of days.entries()) {
      const file = files.files.get(key)
      expect({ hash: sha256(file ?? ''), bytes: file?.length }).toEqual({ hash, bytes })
      const [record, seal] = linesOf(file)
      expect(record).toEqual({ record: records[index]?.content })
      expect(seal).toMatchObject({ seal: { n: 0, records: [{ sha256: digestOf(records[index]?.content) }] } })
    }
  })

  it('is made once, however often it is begun', async () => {
    const { log, files, dependencies, write } = await scene()
    await write('acme', BEFORE)
    const task = dailyExport('acme', BEFORE)
    await makeExport(dependencies, task, signal)
    const first = await log.get('acme', task.exportId)
    files.files.clear()

    await makeExport(dependencies, task, signal)

    expect(files.files.size).toBe(0)
    expect(await log.get('acme', task.exportId)).toEqual(first)
    expect(await log.due(BEFORE)).toEqual([])
  })

  it('that could not be finished is made anew', async () => {
    const { log, files, dependencies, write } = await scene()
    await write('acme', BEFORE)
    const task = dailyExport('acme', BEFORE)
    const failing = { ...files, put: () => Promise.reject(new Error('no bucket')) }
    await expect(makeExport({ ...dependencies, files: failing }, task, signal)).rejects.toThrow('no bucket')
    expect(await log.due(BEFORE)).toEqual(['acme'])

    await makeExport(dependencies, task, signal)

    expect(files.files.size).toBe(2)
    expect(await log.due(BEFORE)).toEqual([])
  })

  it('ends when its time is up', async () => {
    const { dependencies, write } = await scene()
    await write('acme', BEFORE)

    const made = makeExport(dependencies, dailyExport('acme', BEFORE), AbortSignal.abort(new Error('time is up')))

    await expect(made).rejects.toThrow('time is up')
  })
})

describe('ended days', () => {
  it('are asked for once for each tenant, again after a while, and no more when they are exported', async () => {
    const { dependencies, write, later } = await scene()
    await write('acme', BEFORE)
    await write('other', BEFORE)
    await write('acme', DAY)
    const progress = newExportProgress()
    const ask = async () => (await exportEndedDays(dependencies, progress)).map(({ tenant, from }) => [tenant, from])

    expect(await ask()).toEqual([
      ['acme', BEFORE],
      ['other', BEFORE],
    ])
    expect(await ask()).toEqual([])
    await makeExport(dependencies, dailyExport('acme', BEFORE), signal)
    later(10 * 60_000)
    expect(await ask()).toEqual([['other', BEFORE]])
    await makeExport(dependencies, dailyExport('other', BEFORE), signal)
    later(10 * 60_000)
    expect(await ask()).toEqual([])
  })

  it('rest a quarter of an hour', async () => {
    const { dependencies, write, later } = await scene()
    await write('acme', DAY)

    later(12 * 3_600_000 + 14 * 60_000)
    expect(await exportEndedDays(dependencies, newExportProgress())).toEqual([])
    later(60_000)
    expect(await exportEndedDays(dependencies, newExportProgress())).toEqual([dailyExport('acme', DAY)])
  })
})
