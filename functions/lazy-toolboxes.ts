import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import type { AgentAskerDependencies } from '#shared/executions/agent-asker.ts'
import { lazy } from '#shared/platform/lazy.ts'
import type { Log } from '#shared/platform/log.ts'
import type { SecretStore } from '#shared/platform/secret-store.ts'
import type { Toolboxes } from '#shared/tools/toolbox.ts'

export type ToolboxConfig = {
  SLUICE_PLATFORM: string
  EXECUTIONS_TABLE: string
  CONVERSATION_RETENTION_DAYS: number
  ALLOW_PRIVATE_CALLBACKS: boolean
}

/** The tools of agents, for functions that run executions. The code is loaded with the first agent that has any. */
export function lazyToolboxes(
  client: DynamoDBDocumentClient,
  config: ToolboxConfig,
  dependencies: AgentAskerDependencies & { secrets: SecretStore; logger: Log },
): Toolboxes {
  const load = lazy(async () => {
    const [
      { toolboxes },
      { agentAsker },
      { cancelChild },
      { lambdaFunctionCaller },
      { secretFor },
      { oauthClientFor },
      { dynamoConversationStore },
      { dynamoNoteStore },
    ] = await Promise.all([
      import('#shared/tools/toolboxes.ts'),
      import('#shared/executions/agent-asker.ts'),
      import('#shared/executions/cancel-children.ts'),
      import('#shared/tools/lambda-function-caller.ts'),
      import('#shared/llm/secret-for.ts'),
      import('#shared/llm/oauth-client.ts'),
      import('#shared/conversations/dynamo-conversation-store.ts'),
      import('#shared/memory/dynamo-note-store.ts'),
    ])
    const { secrets, clock, logger } = dependencies
    const { SLUICE_PLATFORM: platform, EXECUTIONS_TABLE: executions } = config
    return toolboxes({
      callFunction: lambdaFunctionCaller(platform),
      askAgent: agentAsker(dependencies),
      leaveAgent: (caller, callKey) => cancelChild(dependencies, caller, callKey),
      secretFor: secretFor({ secrets, platform }),
      oauthClientFor: oauthClientFor({ secrets, platform }),
      conversations: dynamoConversationStore(client, executions, { retentionDays: config.CONVERSATION_RETENTION_DAYS }),
      notes: dynamoNoteStore(client, executions),
      allowPrivate: config.ALLOW_PRIVATE_CALLBACKS,
      clock,
      logger,
    })
  })
  return {
    open: async (tools, caller, signal) => (await load()).open(tools, caller, signal),
    leave: async (caller, callKey) => (await load()).leave(caller, callKey),
  }
}
