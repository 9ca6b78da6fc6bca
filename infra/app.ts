import { join } from 'node:path'
import { App } from 'aws-cdk-lib/core'
import { bundleFunctions, FUNCTIONS_DIRECTORY } from './bundling/bundle-functions.ts'
import { addSluice } from './sluice-app.ts'
import { loadStageConfig, StageConfigError } from './stage-config.ts'

/** Where `npm run build:console` puts the console. */
const CONSOLE_DIRECTORY = join(import.meta.dirname, '../dist/console')

const app = new App({ analyticsReporting: false })

try {
  const config = loadStageConfig(app.node.getAllContext())
  await bundleFunctions()
  addSluice(app, { config, functionsDirectory: FUNCTIONS_DIRECTORY, consoleDirectory: CONSOLE_DIRECTORY })
  app.synth()
} catch (error) {
  if (!(error instanceof StageConfigError)) throw error
  console.error(error.message)
  process.exitCode = 1
}
