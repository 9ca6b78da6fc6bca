import { join } from 'node:path'
import { type App, Validations } from 'aws-cdk-lib/core'
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag'
import { declaredAgents } from './declared-agents.ts'
import { declaredTools } from './declared-tools.ts'
import { AgentsStack } from './stacks/agents-stack.ts'
import { ApiStack } from './stacks/api-stack.ts'
import { DataStack } from './stacks/data-stack.ts'
import { FrontDoorStack } from './stacks/front-door-stack.ts'
import { MessagingStack } from './stacks/messaging-stack.ts'
import { OwnAgentsStack } from './stacks/own-agents-stack.ts'
import type { StageConfig } from './stage-config.ts'

/** Where `npm run build:console` puts the console. */
export const CONSOLE_DIRECTORY = join(import.meta.dirname, '../dist/console')

export type SluiceAppProps = {
  config: StageConfig
  /** Directory of the bundled functions. */
  functionsDirectory: string
  /** Directory of the built console, for the front door. */
  consoleDirectory: string
}

/** Fills the app with the stacks of one stage, and checks them at synth. */
export function addSluice(app: App, props: SluiceAppProps): void {
  const { config, functionsDirectory, consoleDirectory } = props
  const data = new DataStack(app, config)
  const messaging = new MessagingStack(app, config)
  const api = new ApiStack(app, { config, data, messaging, functionsDirectory })
  new AgentsStack(app, { config, data, messaging, api, functionsDirectory })
  if (declaredAgents(config).length + declaredTools(config).length > 0)
    new OwnAgentsStack(app, { config, data, messaging, api, functionsDirectory })
  if (config.frontDoor) new FrontDoorStack(app, { config, api, consoleDirectory })
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app))
}
