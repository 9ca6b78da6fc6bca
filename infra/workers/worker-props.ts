import type { ApiStack } from '../stacks/api-stack.ts'
import type { DataStack } from '../stacks/data-stack.ts'
import type { MessagingStack } from '../stacks/messaging-stack.ts'
import type { StageConfig } from '../stage-config.ts'

/** What functions behind the doors are made of. */
export type WorkerProps = {
  config: StageConfig
  data: DataStack
  messaging: MessagingStack
  api: ApiStack
  /** Directory of the bundled functions. */
  functionsDirectory: string
}
