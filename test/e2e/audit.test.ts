import { gunzipSync } from 'node:zlib'
import { DeleteItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import { dayOf, dayPartition, placeOf } from '#shared/audit/audit-keys.ts'
import { newId } from '#shared/platform/ids.ts'
import { OUTPUT } from '#shared/platform/names.ts'
import { auditExportSchema, auditListSchema, auditRecordSchema, auditVerificationSchema } from '#shared/protocol/audit.ts'
import { deployedCloud, eventually } from '../helpers/deployed-cloud.ts'
import { emulatorClientOptions } from '../helpers/emulator-stack.ts'
import { dynamoClientFor } from '../helpers/tables.ts'

describe('the audit log', () => {
  const cloud = deployedCloud()
  /** A tenant of its own, with three records that are sealed. */
  async function aTenant() {
    const tenant = `audited-${newId()}`
    const call = (method: string, path: string, body?: unknown) =>
      cloud.call(method, path, { caller: { tenant }, ...(body !== undefined && { body }) })
    await call('POST', '/v1/agents', { agentId: 'a', name: 'A', llm: { provider: 'scripted', model: 'scripted-1' } })
    await call('POST', '/v1/agents/nobody/pause')
    await cloud.call('POST', '/v1/agents', { caller: { tenant, scopes: [] }, body: {} })
    const records = await eventually(async () => {
      const { body } = await call('GET', '/v1/audit')
      const found = auditListSchema.parse(body).records.map((record) => auditRecordSchema.parse(record))
      return found.length >= 3 ? found : undefined
    })
    // Two around midnight.
    const days = [...new Set(records.map(({ time }) => dayOf(time)))].toSorted()
    const verify = () =>
      Promise.all(
        days.map(async (day) => auditVerificationSchema.parse((await call('GET', `/v1/audit/${day}/verification`)).body)),
      )
    const verified = await eventually(async () => {
      const found = await verify()
      const sealed = found.reduce((sum, { records, fresh }) => sum + records - fresh, 0)
      return sealed === records.length ? found : undefined
    })
    return { tenant, call, verify, records, days, verified }
  }

  it('has what was done and what was refused, sealed within seconds', async () => {
    const { records, verified } = await aTenant()

    expect(records.map(({ action, outcome, status }) => [action, outcome, status]).slice(-3)).toEqual([
      ['createAgent', 'refused', 403],
      ['pauseAgent', 'refused', 404],
      ['createAgent', 'accepted', 201],
    ])
    expect(records.every(({ address, subject }) => address !== undefined && subject === 'tester')).toBe(true)
    for (const day of verified) {
      expect(day).toMatchObject({ intact: true, findings: [] })
      expect(day.seals).toBeGreaterThan(0)
    }
  })

  it('shows what somebody did to it behind the platform', async () => {
    const { tenant, verify, records } = await aTenant()
    const [changed, removed] = records
    if (!changed || !removed) throw new Error('there are no records')
    const database = dynamoClientFor(cloud.endpointUrl)
    const keyOf = (record: typeof changed) => ({
      TableName: cloud.output(OUTPUT.auditTable),
      Key: { pk: { S: dayPartition(tenant, dayOf(record.time)) }, sk: { S: placeOf(record) } },
    })
    await database.send(
      new UpdateItemCommand({
        ...keyOf(changed),
        UpdateExpression: 'SET subject = :eve',
        ExpressionAttributeValues: { ':eve': { S: 'eve' } },
      }),
    )
    await database.send(new DeleteItemCommand(keyOf(removed)))

    const verified = await verify()

    expect(verified.every(({ intact }) => intact)).toBe(false)
    expect(verified.flatMap(({ findings }) => findings).map(({ kind, place }) => [kind, place])).toEqual(
      expect.arrayContaining([
        ['changed', placeOf(changed)],
        ['missing', placeOf(removed)],
      ]),
    )
  })

  it('is exported with its seals', async () => {
    const { tenant, call, records, days } = await aTenant()
    const range = { from: days[0], to: days.at(-1) }
    const { exportId } = auditExportSchema.parse((await call('POST', '/v1/audit/exports', range)).body)

    const done = await eventually(async () => {
      const found = auditExportSchema.parse((await call('GET', `/v1/audit/exports/${exportId}`)).body)
      return found.status === 'completed' ? found : undefined
    })

    expect(done).toMatchObject({ bucket: cloud.output(OUTPUT.auditBucket), days: days.map((day) => ({ day, intact: true })) })
    const s3 = new S3Client({ ...emulatorClientOptions(cloud.endpointUrl), forcePathStyle: true })
    let lines = ''
    for (const { key } of done.days ?? []) {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: done.bucket, Key: key }))
      lines += gunzipSync((await Body?.transformToByteArray()) ?? new Uint8Array()).toString()
    }
    for (const { auditId } of records) expect(lines).toContain(auditId)
    expect(lines).toContain(`"tenant":"${tenant}"`)
  })
})
