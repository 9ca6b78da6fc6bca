/** Synthesises every stage into `cdk.out/<stage>`, as the CDK CLI would, and fails on findings of cdk-nag. No account is needed. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { App } from 'aws-cdk-lib/core'
import { bundleFunctions, FUNCTIONS_DIRECTORY } from './bundling/bundle-functions.ts'
import { addSluice, CONSOLE_DIRECTORY } from './sluice-app.ts'
import { loadStageConfig } from './stage-config.ts'

const STAGES = ['local', 'dev', 'staging', 'prod']
const ROOT = join(import.meta.dirname, '..')

const { context } = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8'))

await bundleFunctions()
for (const stage of STAGES) {
  const start = performance.now()
  const app = new App({ analyticsReporting: false, outdir: join(ROOT, 'cdk.out', stage), context: { ...context, stage } })
  const config = loadStageConfig(app.node.getAllContext())
  addSluice(app, { config, functionsDirectory: FUNCTIONS_DIRECTORY, consoleDirectory: CONSOLE_DIRECTORY })
  try {
    app.synth()
    console.log(`${stage}: ${((performance.now() - start) / 1_000).toFixed(1)} s`)
  } catch (error) {
    // Its findings are printed by then.
    console.error(`${stage}: not clean; ${error instanceof Error ? error.message : error}`)
    process.exitCode = 1
  }
}
