import type { Construct } from 'constructs'
import { deploymentOf } from '../bundling/deployment-of.ts'
import { DeclaredAgent } from '../constructs/declared-agent.ts'
import { DeclaredTool } from '../constructs/declared-tool.ts'
import { SluiceStack } from '../constructs/sluice-stack.ts'
import { declaredAgents } from '../declared-agents.ts'
import { declaredTools } from '../declared-tools.ts'
import { Alarms, agentAlarms, toolAlarms } from '../monitoring/alarms.ts'
import type { StageConfig } from '../stage-config.ts'
import type { ApiStack } from './api-stack.ts'
import type { DataStack } from './data-stack.ts'
import type { MessagingStack } from './messaging-stack.ts'

export type OwnAgentsStackProps = {
  config: StageConfig
  data: DataStack
  messaging: MessagingStack
  api: ApiStack
  /** Directory of the bundled functions. */
  functionsDirectory: string
}

/** The agents and the tools in code, as `declared-agents.ts` and `declared-tools.ts` name them. */
export class OwnAgentsStack extends SluiceStack {
  constructor(scope: Construct, props: OwnAgentsStackProps) {
    super(scope, 'OwnAgents', props.config, 'Sluice: agents and tools in code')
    const deployment = deploymentOf(props.functionsDirectory)
    const agents = declaredAgents(props.config).map(
      (settings) => new DeclaredAgent(this, constructId(settings.id), { ...props, ...settings, deployment }),
    )
    const tools = declaredTools(props.config).map(
      (settings) => new DeclaredTool(this, `Tool${constructId(settings.id)}`, { ...props, ...settings }),
    )
    const specs = [...agents.flatMap(agentAlarms), ...tools.flatMap(toolAlarms)]
    new Alarms(this, 'Alarms', { config: props.config, specs })
  }
}

/** `support-eu` as `SupportEu`: logical ids of CloudFormation have letters and digits only. */
const constructId = (id: string): string =>
  id
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')
