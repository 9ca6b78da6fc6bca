import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { ensureCfnLint } from '../helpers/cfn-lint.ts'
import '../helpers/provided-assemblies.ts'
import { VARIANTS } from '../helpers/stage-variants.ts'
import { sluiceApp } from '../helpers/synthesise.ts'

/** Installs the pinned cfn-lint beside the project, and synthesises every variant: the tests only read what came out. */
export default async function setup(project: TestProject): Promise<() => void> {
  project.provide('cfnLint', await ensureCfnLint())
  const directory = mkdtempSync(join(tmpdir(), 'sluice-infra-'))
  for (const [variant, context] of Object.entries(VARIANTS)) {
    mkdirSync(join(directory, variant))
    sluiceApp(context, join(directory, variant)).synth()
  }
  project.provide('assemblies', directory)
  return () => rmSync(directory, { recursive: true })
}
