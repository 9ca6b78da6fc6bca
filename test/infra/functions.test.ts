import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CONFIG } from '#shared/platform/config.ts'
import { FUNCTION_NAMES, type FunctionName, functionName } from '#shared/platform/names.ts'
import { resourcesOf } from '../helpers/templates.ts'

type FunctionProperties = {
  FunctionName: string
  Handler: string
  ReservedConcurrentExecutions?: number
  Environment: { Variables: Record<string, unknown> }
  LoggingConfig: { LogGroup: { Ref: string } }
}

/** Variables that Lambda itself sets. */
const FROM_LAMBDA = ['AWS_REGION', 'AWS_ENDPOINT_URL']

const propertiesOf = (stage: 'local' | 'prod', name: FunctionName): FunctionProperties => {
  const wanted = functionName(`sluice-${stage}`, name)
  const found = resourcesOf(stage, 'AWS::Lambda::Function').find(({ properties }) => properties.FunctionName === wanted)
  if (!found) throw new Error(`no function ${wanted}`)
  return found.properties as FunctionProperties
}

describe.each(['local', 'prod'] as const)('functions of %s', (stage) => {
  it.each(FUNCTION_NAMES)('%s runs on ARM64 and Node 24, is traced, and logs JSON', (name) => {
    expect(propertiesOf(stage, name)).toMatchObject({
      Handler: `${name}/handler.handler`,
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      TracingConfig: { Mode: 'Active' },
      LoggingConfig: { LogFormat: 'JSON' },
      Timeout: expect.any(Number),
      MemorySize: expect.any(Number),
    })
  })

  it.each(FUNCTION_NAMES)('%s writes to a log group of its own, for a limited time', (name) => {
    const logGroup = propertiesOf(stage, name).LoggingConfig.LogGroup.Ref

    const properties = resourcesOf(stage).find(({ id }) => id === logGroup)?.properties

    expect(properties).toMatchObject({
      LogGroupName: `/aws/lambda/sluice-${stage}-${name}`,
      RetentionInDays: stage === 'prod' ? 90 : 1,
    })
  })

  it('are all that the stage has, but for the one that copies the console', () => {
    const names = resourcesOf(stage, 'AWS::Lambda::Function').map(({ properties }) => properties.FunctionName)

    const own = names.filter((name) => /^sluice-[a-z]+-(agent|tool)-/.test(String(name)))
    expect(names.filter((name) => name !== undefined)).toHaveLength(FUNCTION_NAMES.length + own.length)
    expect(names.filter((name) => name === undefined)).toHaveLength(stage === 'prod' ? 1 : 0)
  })

  it('leave invocations to each other: event streams, which nothing else throttles, have a number of their own', () => {
    const reserved = FUNCTION_NAMES.map((name) => [name, propertiesOf(stage, name).ReservedConcurrentExecutions])

    expect(reserved.filter(([, limit]) => limit !== undefined)).toEqual(stage === 'prod' ? [['stream', 300]] : [])
  })

  it('have every log group of the stage expire', () => {
    const groups = resourcesOf(stage, 'AWS::Logs::LogGroup').map(({ properties }) => properties.RetentionInDays)

    expect(groups.every((days) => Number(days) > 0)).toBe(true)
  })

  it('may send to the queue that they read, as often as the work takes: Lambda would end it after sixteen times', () => {
    const readers = resourcesOf(stage, 'AWS::Lambda::EventSourceMapping')
      .map(({ properties }) => properties)
      .filter(({ EventSourceArn }) => JSON.stringify(EventSourceArn).includes('Queue'))
      .map(({ FunctionName }) => (FunctionName as { Ref: string }).Ref)
    const allowing = resourcesOf(stage, 'AWS::Lambda::Function').filter(({ properties }) => properties.RecursiveLoop === 'Allow')

    expect(readers.length).toBeGreaterThanOrEqual(3)
    expect(allowing.map(({ id }) => id).toSorted()).toEqual(readers.toSorted())
  })

  it('send what an asynchronous invocation failed on to a queue', () => {
    const [config, ...more] = resourcesOf(stage, 'AWS::Lambda::EventInvokeConfig')

    expect(more).toEqual([])
    expect(config?.properties).toMatchObject({ DestinationConfig: { OnFailure: { Destination: expect.anything() } } })
  })
})

describe('environment', () => {
  /** Variables that the function asks for: the groups of `CONFIG` that it loads, at the start or later. Some may be absent. */
  const asksFor = (name: FunctionName): { all: string[]; required: string[] } => {
    const folder = join(import.meta.dirname, `../../functions/${name}`)
    const sources = globSync('*.ts', { cwd: folder }).map((file) => readFileSync(join(folder, file), 'utf8'))
    const groups = [...sources.join().matchAll(/\bCONFIG\.(\w+)/g)].map(([, group]) => group as keyof typeof CONFIG)
    const asked = groups.flatMap((group) => Object.entries(CONFIG[group])).filter(([name]) => !FROM_LAMBDA.includes(name))
    const names = (entries: typeof asked): string[] => [...new Set(entries.map(([name]) => name))]
    return { all: names(asked), required: names(asked.filter(([, schema]) => !schema.safeParse(undefined).success)) }
  }

  it.each(FUNCTION_NAMES)('of %s is what it asks for, and nothing else', (name) => {
    const { all, required } = asksFor(name)

    const variables = Object.keys(propertiesOf('prod', name).Environment.Variables)

    expect(required).not.toEqual([])
    expect(required.filter((variable) => !variables.includes(variable))).toEqual([])
    expect(variables.filter((variable) => !all.includes(variable))).toEqual([])
  })
})
