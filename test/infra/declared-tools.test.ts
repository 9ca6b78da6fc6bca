import { existsSync, globSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { toolFunctionName } from '#shared/platform/names.ts'
import { declaredTools } from '../../infra/declared-tools.ts'
import { loadStageConfig } from '../../infra/stage-config.ts'
import { VARIANTS, type Variant } from '../helpers/stage-variants.ts'
import { resourcesOf } from '../helpers/templates.ts'

const ROOT = join(import.meta.dirname, '../..')

const toolsOf = (variant: Variant) => declaredTools(loadStageConfig(VARIANTS[variant]))
const policiesOf = (variant: Variant, role: string): string =>
  JSON.stringify(resourcesOf(variant, 'AWS::IAM::Policy').filter(({ id }) => id.startsWith(role)))
const functionOf = (name: string) =>
  resourcesOf('local', 'AWS::Lambda::Function').find(({ properties }) => properties.FunctionName === name)?.properties

describe.each(toolsOf('local'))('the tool $id', ({ id, timeoutSeconds = 30 }) => {
  it('is one file, and a function that is named after its folder', () => {
    expect(existsSync(join(ROOT, 'functions/tools', id, 'handler.ts'))).toBe(true)
    expect(functionOf(`sluice-local-tool-${id}`)).toMatchObject({
      Handler: `tools/${id}/handler.handler`,
      Timeout: timeoutSeconds,
      Environment: { Variables: { SLUICE_STAGE: 'local', SLUICE_PLATFORM: 'sluice-local' } },
    })
  })

  it('may write its log and its traces, and nothing else', () => {
    const role = `Tool${id
      .split('-')
      .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
      .join('')}FunctionRole`
    const statements = resourcesOf('local', 'AWS::IAM::Policy')
      .filter((policy) => policy.id.startsWith(role))
      .flatMap(({ properties }) => (properties.PolicyDocument as { Statement: { Action: string | string[] }[] }).Statement)

    expect(statements.length).toBeGreaterThan(0)
    expect(statements.flatMap(({ Action }) => Action).filter((action) => !/^(logs|xray):/.test(action))).toEqual([])
  })

  it('is watched', () => {
    for (const kind of ['errors', 'throttles']) {
      const name = `sluice-local-tool-${id}-${kind}`
      const alarm = resourcesOf('local', 'AWS::CloudWatch::Alarm').find(({ properties }) => properties.AlarmName === name)
      expect(alarm?.properties.AlarmDescription).toMatch(/Runbook: docs\/runbook\.md#tools$/)
    }
  })

  it.each(['ExecuteFunctionRole', 'StreamFunctionRole', 'SupportFunctionRole'])('may be called by %s, by its name', (role) => {
    const policies = policiesOf('local', role)

    expect(policies).toContain('lambda:InvokeFunction')
    expect(policies).toContain(`:function:${toolFunctionName('sluice-local', id)}"`)
  })
})

describe('tools in code', () => {
  it('have a line for every folder, and a folder for every line', () => {
    const folders = globSync('functions/tools/*/handler.ts', { cwd: ROOT }).map((file) => dirname(file).split('/').at(-1))

    expect(
      toolsOf('local')
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual(folders.toSorted())
  })

  it('that are examples stay out of production, where nobody may call anything then', () => {
    expect(toolsOf('prod')).toEqual([])
    expect(JSON.stringify(resourcesOf('prod', 'AWS::IAM::Policy'))).not.toContain('lambda:InvokeFunction')
  })

  it.each(['HttpFunctionRole', 'SocketFunctionRole', 'DispatchFunctionRole', 'SweepFunctionRole', 'EchoFunctionRole'])(
    'are not called by %s',
    (role) => {
      expect(policiesOf('local', role)).not.toContain('lambda:InvokeFunction')
    },
  )
})
