import { describe, expect, it } from 'vitest'
import { serviceSecretName, tokenSecretName, webhookSecretName } from '#shared/platform/names.ts'
import { BEDROCK_GUARDRAIL, BEDROCK_MODEL, type Variant } from '../helpers/stage-variants.ts'
import { resourcesOf } from '../helpers/templates.ts'
import { WILDCARDS } from './wildcards.ts'

type Statement = { Effect: string; Action: string | string[]; Resource: unknown }
type Permission = { where: string; action: string; resource: string }

const asList = <Item>(value: Item | Item[]): Item[] => (Array.isArray(value) ? value : [value])

type Reference = { 'Fn::Join'?: [string, unknown[]]; 'Fn::GetStackOutput'?: { OutputName: string } }

/** An ARN as text; what CloudFormation fills in becomes `<>`, with the name of the output where it is another stack's. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  const { 'Fn::Join': join, 'Fn::GetStackOutput': output } = value as Reference
  return join ? join[1].map(textOf).join(join[0]) : `<${output?.OutputName ?? ''}>`
}

/** What the stage's roles may do. */
function permissionsOf(variant: Variant): Permission[] {
  return resourcesOf(variant)
    .filter(({ type }) => /^AWS::IAM::(ManagedPolicy|Policy|Role)$/.test(type))
    .flatMap(({ id, properties }) => {
      const { PolicyDocument, Policies = [] } = properties as {
        PolicyDocument?: unknown
        Policies?: { PolicyDocument: unknown }[]
      }
      const documents = [PolicyDocument, ...Policies.map((policy) => policy.PolicyDocument)].filter(
        (document) => document !== undefined,
      )
      const statements = documents.flatMap((document) => (document as { Statement: Statement[] }).Statement)
      return statements.flatMap((statement) =>
        asList(statement.Action).flatMap((action) =>
          asList(statement.Resource).map((resource) => ({ where: id, action, resource: textOf(resource) })),
        ),
      )
    })
}

describe.each(['local', 'prod', 'prod-in-account'] as const)('roles of %s', (stage) => {
  const permissions = permissionsOf(stage)

  it('name their resources, or say why not', () => {
    const unexplained = permissions
      .filter(({ resource }) => resource.includes('*'))
      .filter(({ action, resource }) => !WILDCARDS.some((known) => known.actions.test(action) && known.resource.test(resource)))

    expect(permissions.length).toBeGreaterThan(50)
    expect(unexplained).toEqual([])
  })

  it('name their actions, but for the one that copies the console', () => {
    const wild = permissions.filter(({ action, where }) => action.includes('*') && !where.startsWith('CustomCDKBucketDeployment'))

    expect(wild).toEqual([])
  })

  it('scan no table, and delete nothing that they did not write, but for the erasure of tenants', () => {
    const whoMay = (action: string) => permissions.filter((each) => each.action === action).map(({ where }) => where)

    expect(permissions.map(({ action }) => action)).toContain('dynamodb:Query')
    for (const action of ['dynamodb:Scan', 'dynamodb:BatchWriteItem', 's3:DeleteObjectVersion', 's3:BypassGovernanceRetention'])
      expect(whoMay(action).every((where) => where.startsWith('Erase')) && whoMay(action).length > 0, action).toBe(true)
  })
})

describe('the role of stream', () => {
  const permissions = permissionsOf('prod').filter(({ where }) => where.startsWith('Stream'))
  const actionsOn = (table: string) =>
    permissions.filter(({ resource }) => resource.includes(`${table}Table`)).map(({ action }) => action.replace('dynamodb:', ''))

  it('runs executions, and changes no agent', () => {
    expect(actionsOn('Registry').toSorted()).toEqual(['GetItem', 'Query', 'UpdateItem'])
    expect(actionsOn('Executions')).toContain('UpdateItem')
    expect(permissions.some(({ resource }) => resource.endsWith('-secret-*'))).toBe(true)
  })

  it('reads no queue, and puts nothing on the bus', () => {
    expect(permissions.filter(({ action }) => /^(sqs|events):/.test(action)).map(({ action }) => action)).toEqual(
      expect.arrayContaining(['sqs:SendMessage']),
    )
    expect(permissions.filter(({ action }) => /^(sqs|events):(?!SendMessage)/.test(action))).toEqual([])
  })
})

describe('dead letters', () => {
  it('are all that http takes: those of messages and of work', () => {
    const takers = permissionsOf('prod').filter(
      ({ action, where }) => action === 'sqs:ChangeMessageVisibility' && where.startsWith('Http'),
    )

    expect(takers).toHaveLength(2)
  })
})

describe('the list of wildcards', () => {
  const permissions = permissionsOf('prod')

  it.each(WILDCARDS)('has a use for: $reason', ({ actions, resource }) => {
    expect(permissions.some((each) => actions.test(each.action) && resource.test(each.resource))).toBe(true)
  })
})

describe('secrets', () => {
  it('of providers never include those that sign tokens and webhooks', () => {
    const pattern = permissionsOf('prod').find(({ resource }) => resource.endsWith('-secret-*'))?.resource ?? ''
    const allowed = new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('<>', '[^:]*')}$`)
    const arnOf = (name: string) => `arn:aws:secretsmanager:eu-central-1:123456789012:secret:${name}-AbC123`

    expect(arnOf(serviceSecretName('sluice-prod', 'openai'))).toMatch(allowed)
    expect(arnOf(tokenSecretName('sluice-prod'))).not.toMatch(allowed)
    expect(arnOf(webhookSecretName('sluice-prod'))).not.toMatch(allowed)
    expect(arnOf(serviceSecretName('sluice-dev', 'openai'))).not.toMatch(allowed)
  })

  it('of providers are looked at by http, which cannot read them', () => {
    const ofHttp = permissionsOf('prod').filter(
      ({ where, resource }) => where.startsWith('Http') && resource.endsWith('-secret-*'),
    )

    expect(ofHttp.map(({ action }) => action)).toEqual(['secretsmanager:DescribeSecret'])
  })

  it('are read by those who verify tokens, call models or sign what goes outside, and by nobody else', () => {
    const readers = permissionsOf('prod').filter(({ action }) => action === 'secretsmanager:GetSecretValue')

    expect([...new Set(readers.map(({ where }) => where.replace(/Function.*/, '')))].toSorted()).toEqual([
      'Deliver',
      'Execute',
      'Http',
      'Socket',
      'Stream',
    ])
  })
})

describe('Bedrock', () => {
  const CALLERS = ['Chat', 'Documents', 'Execute', 'Health', 'Stream', 'Support']
  const bedrock = (variant: Variant) => permissionsOf(variant).filter(({ action }) => action.startsWith('bedrock:'))
  const callersOf = (action: string, resource: string) =>
    bedrock('dev')
      .filter((permission) => permission.action === action && permission.resource === resource)
      .map(({ where }) => where.replace(/Function.*/, ''))
      .toSorted()

  it('is called only where models are named', () => {
    expect(bedrock('prod')).toEqual([])
    expect(callersOf('bedrock:InvokeModelWithResponseStream', BEDROCK_MODEL)).toEqual(CALLERS)
  })

  it('applies the guardrails that are named, wherever models are called', () => {
    expect(callersOf('bedrock:ApplyGuardrail', BEDROCK_GUARDRAIL)).toEqual(CALLERS)
  })

  it('is allowed nothing else', () => {
    const pairs = bedrock('dev').map(({ action, resource }) => `${action} ${resource}`)

    expect(new Set(pairs)).toEqual(
      new Set([`bedrock:InvokeModelWithResponseStream ${BEDROCK_MODEL}`, `bedrock:ApplyGuardrail ${BEDROCK_GUARDRAIL}`]),
    )
  })
})
