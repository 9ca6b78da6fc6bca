import { execFile } from 'node:child_process'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, inject, it } from 'vitest'
import { VARIANTS, type Variant } from '../helpers/stage-variants.ts'
import { assemblyOf } from '../helpers/templates.ts'

/** CDK orders a function after its role with `DependsOn`, where a `GetAtt` does so already: harmless, and not ours to change. */
const REDUNDANT_DEPENDENCY = 'W3005'

describe('cfn-lint', () => {
  it('accepts the templates of every stage', async () => {
    const assemblies = (Object.keys(VARIANTS) as Variant[]).map(assemblyOf)
    const templates = assemblies.flatMap((directory) =>
      globSync('*.template.json', { cwd: directory }).map((file) => join(directory, file)),
    )

    const lint = promisify(execFile)(inject('cfnLint'), ['--ignore-checks', REDUNDANT_DEPENDENCY, '--', ...templates])
    const findings = await lint.catch((error: { stdout?: string }) => ({ stdout: error.stdout || String(error) }))

    expect(templates).toHaveLength(5 + 6 + 3 * 5)
    expect(findings.stdout).toBe('')
  })
})
