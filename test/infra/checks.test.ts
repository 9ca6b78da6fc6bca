import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Bucket } from 'aws-cdk-lib/aws-s3'
import { Stack } from 'aws-cdk-lib/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { VARIANTS, type Variant } from '../helpers/stage-variants.ts'
import { sluiceApp } from '../helpers/synthesise.ts'
import { assemblyOf } from '../helpers/templates.ts'

type Report = { pluginReports: { pluginName: string; violations: { ruleName: string }[] }[] }

const findingsIn = (assembly: string): string[] => {
  const report: Report = JSON.parse(readFileSync(join(assembly, 'validation-report.json'), 'utf8'))
  return report.pluginReports.flatMap(({ violations }) => violations.map(({ ruleName }) => ruleName))
}

describe('checks at synth', () => {
  it.each(Object.keys(VARIANTS) as Variant[])('find nothing in %s that was not explained', (variant) => {
    expect(findingsIn(assemblyOf(variant))).toEqual([])
  })

  it('stop a deployment that has an unexplained finding', () => {
    const directory = mkdtempSync(join(tmpdir(), 'sluice-checks-'))
    onTestFinished(() => rmSync(directory, { recursive: true }))
    const app = sluiceApp({ stage: 'local' }, directory)
    new Bucket(new Stack(app, 'Careless'), 'OpenBucket')

    expect(() => app.synth()).toThrow()

    expect(findingsIn(join(directory, 'cdk.out')).toSorted()).toEqual(['AwsSolutions-S1', 'AwsSolutions-S10'])
  })
})
