import { describe, expect, it } from 'vitest'
import { resourcesOf } from '../helpers/templates.ts'

type Statement = { Action: string | string[]; Resource: unknown }
type Policy = { PolicyDocument?: { Statement: Statement[] } }

const asList = <Item>(value: Item | Item[]): Item[] => (Array.isArray(value) ? value : [value])

/** What each role may do with the audit table, or with the bucket of its exports, by the name of its function. */
function allowedOn(stage: 'local' | 'prod', resource: RegExp): Map<string, string[]> {
  const found = new Map<string, string[]>()
  for (const { id, properties } of resourcesOf(stage).filter(({ type }) => /^AWS::IAM::(ManagedPolicy|Policy)$/.test(type))) {
    const { PolicyDocument } = properties as Policy
    const statements = PolicyDocument?.Statement.filter(({ Resource }) => resource.test(JSON.stringify(Resource))) ?? []
    const actions = statements.flatMap(({ Action }) => asList(Action))
    if (actions.length > 0) found.set(id.replace(/Function.*|[0-9A-F]{8}$/, ''), actions.toSorted())
  }
  return found
}

const writes = (actions: string[]): string[] =>
  actions.filter((action) =>
    /^(dynamodb:.*(Update|Delete|Batch|PartiQL|\*)|s3:(Delete|Bypass|PutObjectRetention|.*\*))/.test(action),
  )

describe.each(['local', 'prod'] as const)('the audit log of %s', (stage) => {
  const onTable = allowedOn(stage, /AuditTable/)
  const onBucket = allowedOn(stage, /AuditExports/)

  it('is written by the doors, read by http and what seals and exports, and changed by nobody but the erasure', () => {
    const ofTable = (name: string) => onTable.get(name)?.filter((action) => !/Stream|Shard|GetRecords/.test(action))

    expect(ofTable('Socket')).toEqual(['dynamodb:PutItem'])
    expect(ofTable('Stream')).toEqual(['dynamodb:PutItem'])
    expect(ofTable('Http')).toEqual(['dynamodb:PutItem', 'dynamodb:Query'])
    expect(ofTable('Changes')).toEqual(['dynamodb:PutItem', 'dynamodb:Query'])
    expect(ofTable('Connections')).toEqual(['dynamodb:PutItem', 'dynamodb:Query'])
    expect(ofTable('Sweep')).toEqual(['dynamodb:Query'])
    const changers = [...onTable].filter(([, actions]) => writes(actions).length > 0).map(([name]) => name)
    expect(changers.filter((name) => name !== 'Erase')).toEqual([])
  })

  it('has exports that nobody removes but the erasure', () => {
    const removers = [...onBucket].filter(([, actions]) => writes(actions).length > 0).map(([name]) => name)

    expect(onBucket.get('WriteAuditExports')).toEqual(['s3:GetObject', 's3:ListBucket', 's3:PutObject'])
    expect(removers.filter((name) => !name.startsWith('Erase'))).toEqual([])
  })

  it('can be restored, and expires', () => {
    const table = resourcesOf(stage, 'AWS::DynamoDB::Table').find(({ id }) => id.startsWith('AuditTable'))?.properties

    expect(table).toMatchObject({
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
      DeletionProtectionEnabled: stage === 'prod',
    })
  })

  it('has a bucket of its own, which keeps every version, and in production locks them', () => {
    const bucket = resourcesOf(stage, 'AWS::S3::Bucket').find(({ id }) => id.startsWith('AuditExports'))?.properties

    expect(bucket).toMatchObject({ VersioningConfiguration: { Status: 'Enabled' } })
    expect(bucket?.ObjectLockEnabled).toBe(stage === 'prod' ? true : undefined)
    if (stage === 'prod')
      expect(bucket?.ObjectLockConfiguration).toMatchObject({ Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 365 } } })
  })

  it('raises an alarm for a record that was not stored, and for one that was tampered with', () => {
    const alarms = resourcesOf(stage, 'AWS::CloudWatch::Alarm').map(({ properties }) => properties)
    const filters = resourcesOf(stage, 'AWS::Logs::MetricFilter').map(({ properties }) => properties)
    const patternsOf = (code: string) => filters.filter(({ FilterPattern }) => FilterPattern === `{ $.message = "${code}" }`)

    expect(patternsOf('audit_failed')).toHaveLength(3)
    expect(patternsOf('audit_tampered')).toHaveLength(1)
    for (const name of ['audit-failed', 'audit-tampered'])
      expect(alarms).toContainEqual(
        expect.objectContaining({ AlarmName: `sluice-${stage}-${name}`, Threshold: 0, EvaluationPeriods: 1 }),
      )
  })
})
