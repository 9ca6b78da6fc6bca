import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type * as z from 'zod'
import { CONFIG } from '#shared/platform/config.ts'
import { agentQueueName, deadLetterQueueName, ENV } from '#shared/platform/names.ts'
import { declaredAgents } from '../../infra/declared-agents.ts'
import { loadStageConfig } from '../../infra/stage-config.ts'
import { VARIANTS, type Variant } from '../helpers/stage-variants.ts'
import { resourcesOf } from '../helpers/templates.ts'

type FunctionProperties = {
  FunctionName?: string
  Handler: string
  Timeout: number
  Environment: { Variables: Record<string, unknown> }
}

const ROOT = join(import.meta.dirname, '../..')
const FROM_LAMBDA = ['AWS_REGION', 'AWS_ENDPOINT_URL']
const isOptional = (schema: z.ZodType): boolean => schema.safeParse(undefined).success

const agentsOf = (variant: Variant) => declaredAgents(loadStageConfig(VARIANTS[variant]))
const functionOf = (variant: Variant, name: string): FunctionProperties => {
  const found = resourcesOf(variant, 'AWS::Lambda::Function').find(({ properties }) => properties.FunctionName === name)
  if (!found) throw new Error(`no function ${name}`)
  return found.properties as FunctionProperties
}
const propertiesOf = (variant: Variant, type: string, name: string, value: string) =>
  resourcesOf(variant, type).find(({ properties }) => properties[name] === value)?.properties

describe.each(agentsOf('local'))('the agent $id', ({ id: agentId, timeoutSeconds }) => {
  const handler = functionOf('local', `sluice-local-agent-${agentId}`)

  it('has its code in a folder of its name, with the same three files', () => {
    expect(handler.Handler).toBe(`agents/${agentId}/handler.handler`)
    for (const file of ['agent.ts', 'handler.ts', 'README.md'])
      expect(existsSync(join(ROOT, 'functions/agents', agentId, file))).toBe(true)
    expect(readFileSync(join(ROOT, 'functions/agents', agentId, 'agent.ts'), 'utf8')).toContain(`id: '${agentId}'`)
  })

  it('may read the keys of model providers when its code calls models, and only then', () => {
    const callsModels = /^ {2}llm: /m.test(readFileSync(join(ROOT, 'functions/agents', agentId, 'agent.ts'), 'utf8'))
    const policies = resourcesOf('local', 'AWS::IAM::Policy').filter(({ id }) => id.startsWith(roleOf(agentId)))

    expect(policies).toHaveLength(1)
    expect(JSON.stringify(policies).includes('secretsmanager:GetSecretValue')).toBe(callsModels)
  })

  it('has a queue that shows work again only when its function is over, with dead letters behind it', () => {
    const queueName = agentQueueName('sluice-local', agentId)

    const queue = propertiesOf('local', 'AWS::SQS::Queue', 'QueueName', queueName)

    expect(queue).toMatchObject({ RedrivePolicy: { maxReceiveCount: 8 } })
    expect(Number(queue?.VisibilityTimeout)).toBeGreaterThan(handler.Timeout)
    expect(propertiesOf('local', 'AWS::SQS::Queue', 'QueueName', deadLetterQueueName(queueName))).toBeDefined()
  })

  it('runs as long as its line says', () => {
    expect(handler.Timeout).toBe(timeoutSeconds ?? loadStageConfig(VARIANTS.local).functionTimeoutSeconds)
  })

  it('has in its environment what its dependencies ask for, and nothing else', () => {
    const source = readFileSync(join(ROOT, 'functions/agents/dependencies.ts'), 'utf8')
    const groups = [...source.matchAll(/\bCONFIG\.(\w+)/g)].map(([, group]) => group as keyof typeof CONFIG)
    const asked = groups
      .flatMap((group) => Object.entries<z.ZodType>(CONFIG[group]))
      .filter(([name, schema]) => !FROM_LAMBDA.includes(name) && (name in handler.Environment.Variables || !isOptional(schema)))
    const wanted = new Set(asked.map(([name]) => name))

    expect(Object.keys(handler.Environment.Variables).toSorted()).toEqual([...wanted].toSorted())
  })

  it('is watched', () => {
    for (const kind of ['dead-letters', 'waiting', 'errors']) {
      const alarm = propertiesOf('local', 'AWS::CloudWatch::Alarm', 'AlarmName', `sluice-local-agent-${agentId}-${kind}`)
      expect(alarm?.AlarmDescription).toMatch(/Runbook: docs\/runbook\.md#agents-in-code$/)
    }
  })

  it('takes ten pieces of work at once, and gives back alone what failed', () => {
    const mapping = resourcesOf('local', 'AWS::Lambda::EventSourceMapping').find(({ properties }) =>
      JSON.stringify(properties.EventSourceArn).includes(logicalNameOf(agentId)),
    )

    expect(mapping?.properties).toMatchObject({
      BatchSize: 10,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: expect.any(Number) },
    })
  })
})

const constructOf = (id: string): string => `${id.charAt(0).toUpperCase()}${id.slice(1)}`
const logicalNameOf = (id: string): string => `${constructOf(id)}WorkQueue`
const roleOf = (id: string): string => `${constructOf(id)}FunctionRole`

describe('agents in code', () => {
  it('have a line for every folder, and a folder for every line', () => {
    const folders = globSync('functions/agents/*/agent.ts', { cwd: ROOT }).map((file) => dirname(file).split('/').at(-1))

    expect(
      agentsOf('local')
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual(folders.toSorted())
  })

  it('that are examples stay out of production', () => {
    expect(agentsOf('prod')).toEqual([])
    expect(agentsOf('dev').map(({ id }) => id)).toContain('support')
    expect(agentsOf('dev').map(({ id }) => id)).not.toContain('marathon')
  })

  it('are told to the sweeper, with the build that it has to follow', () => {
    const { Variables } = functionOf('local', 'sluice-local-sweep').Environment

    expect(JSON.parse(String(Variables[ENV.declaredAgents]))).toEqual(agentsOf('local').map(({ id }) => id))
    expect(Variables[ENV.deployment]).toMatch(/^[0-9a-f]{64}$/)
    expect(functionOf('local', 'sluice-local-agent-echo').Environment.Variables[ENV.deployment]).toBe(Variables[ENV.deployment])
  })

  it('share one asset with all other functions', () => {
    const keys = resourcesOf('local', 'AWS::Lambda::Function').map(({ properties }) => JSON.stringify(properties.Code))

    expect(new Set(keys).size).toBe(1)
  })

  it.each(['dispatch', 'http', 'socket', 'sweep', 'changes'])('can be sent work by %s', (name) => {
    const role = `${name.charAt(0).toUpperCase()}${name.slice(1)}FunctionRole`
    const policies = resourcesOf('local', 'AWS::IAM::Policy').filter(({ id }) => id.startsWith(role))

    expect(JSON.stringify(policies)).toContain(agentQueueName('sluice-local', 'support'))
  })

  it('may send to their own queues alone', () => {
    const [policy] = resourcesOf('local', 'AWS::IAM::Policy').filter(({ id }) => id.startsWith('SupportFunctionRole'))
    const text = JSON.stringify(policy?.properties)

    expect(text).toContain('SupportWork')
    expect(text).not.toContain('HealthWork')
    expect(text).not.toContain('sluice-local-agent')
  })
})
