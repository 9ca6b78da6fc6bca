import { Construct } from 'constructs'
import type { DeclaredToolSettings } from '../declared-tools.ts'
import type { StageConfig } from '../stage-config.ts'
import { SluiceFunction } from './sluice-function.ts'

export type DeclaredToolProps = DeclaredToolSettings & {
  config: StageConfig
  /** Directory of the bundled functions. */
  functionsDirectory: string
}

const TIMEOUT_SECONDS = 30
const MEMORY_SIZE = 512

/** A tool: its function, which may do nothing until it is granted. */
export class DeclaredTool extends Construct {
  readonly toolId: string
  readonly function: SluiceFunction

  constructor(scope: Construct, id: string, props: DeclaredToolProps) {
    super(scope, id)
    const { config, functionsDirectory, timeoutSeconds = TIMEOUT_SECONDS, memorySize = MEMORY_SIZE, reservedConcurrency } = props
    this.toolId = props.id
    this.function = new SluiceFunction(this, 'Function', {
      config,
      name: `tools/${props.id}`,
      description: `The tool ${props.id}`,
      directory: functionsDirectory,
      timeoutSeconds,
      memorySize,
      reservedConcurrency,
      failures: 'caller',
      environment: {},
    })
  }
}
