import { describe, expect, it } from 'vitest'
import { CONFIG } from '#shared/platform/config.ts'
import { FUNCTION_NAMES, type FunctionName, functionName } from '#shared/platform/names.ts'
import { resourcesOf } from '../helpers/templates.ts'

type FunctionProperties = {
  FunctionName: string
  Handler: string
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

    expect(names.filter((name) => name !== undefined)).toHaveLength(FUNCTION_NAMES.length)
    expect(names.filter((name) => name === undefined)).toHaveLength(stage === 'prod' ? 1 : 0)
  })

  it('have every log group of the stage expire', () => {
    const groups = resourcesOf(stage, 'AWS::Logs::LogGroup').map(({ properties }) => properties.RetentionInDays)

    expect(groups.every((days) => Number(days) > 0)).toBe(true)
  })

  it('send what an asynchronous invocation failed on to a queue', () => {
    const [config, ...more] = resourcesOf(stage, 'AWS::Lambda::EventInvokeConfig')

    expect(more).toEqual([])
    expect(config?.properties).toMatchObject({ DestinationConfig: { OnFailure: { Destination: expect.anything() } } })
  })
})

describe('environment', () => {
  /** Groups of variables that each function reads, besides those of the stage. */
  const groups: Record<FunctionName, (keyof typeof CONFIG)[]> = {
    http: ['registry', 'executions', 'streams', 'bus', 'work', 'socket', 'access'],
    socket: ['registry', 'executions', 'streams', 'work', 'socket', 'access'],
    stream: ['executions', 'streams', 'access'],
    dispatch: ['registry', 'executions', 'streams', 'work', 'ingress', 'socket'],
    execute: ['registry', 'executions', 'streams', 'work', 'socket', 'timeouts'],
    sweep: ['executions', 'work'],
  }

  it.each(FUNCTION_NAMES)('of %s is what it reads, and nothing else', (name) => {
    const wanted = ['stage' as const, ...groups[name]].flatMap((group) => Object.keys(CONFIG[group]))

    const { Variables } = propertiesOf('prod', name).Environment

    expect(Object.keys(Variables).toSorted()).toEqual(wanted.filter((key) => !FROM_LAMBDA.includes(key)).toSorted())
  })
})
