import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { App } from 'aws-cdk-lib/core'
import { addSluice } from '../../infra/sluice-app.ts'
import { loadStageConfig } from '../../infra/stage-config.ts'

/**
 * The app of a stage as `infra/app.ts` makes it, with tiny assets.
 *
 * @param context - what `-c` would say
 * @param directory - where assets and cloud assembly go; it exists
 */
export function sluiceApp(context: Record<string, unknown>, directory: string): App {
  const app = new App({ context: featureFlags(), outdir: join(directory, 'cdk.out'), analyticsReporting: false })
  addSluice(app, { config: loadStageConfig(context), ...assets(directory) })
  return app
}

/** The flags of cdk.json, without which the templates would be others than those of the command line. */
function featureFlags(): Record<string, unknown> {
  return JSON.parse(readFileSync(join(import.meta.dirname, '../../cdk.json'), 'utf8')).context
}

function assets(directory: string): { functionsDirectory: string; consoleDirectory: string } {
  const functionsDirectory = join(directory, 'functions')
  const consoleDirectory = join(directory, 'console')
  mkdirSync(functionsDirectory)
  mkdirSync(join(consoleDirectory, 'assets'), { recursive: true })
  writeFileSync(join(functionsDirectory, 'handler.mjs'), '')
  writeFileSync(join(consoleDirectory, 'index.html'), '')
  writeFileSync(join(consoleDirectory, 'assets/index.js'), '')
  return { functionsDirectory, consoleDirectory }
}
