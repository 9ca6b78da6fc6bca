import { App } from 'aws-cdk-lib/core'
import { bundleFunctions, FUNCTIONS_DIRECTORY } from './bundling/bundle-functions.ts'
import { addSluice, CONSOLE_DIRECTORY } from './sluice-app.ts'
import { loadStageConfig, StageConfigError } from './stage-config.ts'

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
