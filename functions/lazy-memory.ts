import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import type { AnswerMemory, Asked } from '#shared/executions/answer-memory.ts'
import type { ConversationMemoryDependencies } from '#shared/executions/conversation-memory.ts'
import { lazy } from '#shared/platform/lazy.ts'

export type MemoryConfig = { EXECUTIONS_TABLE: string; CONVERSATION_RETENTION_DAYS: number; ARTIFACTS_BUCKET: string }

/** The memory of agents, for functions that run executions. The code is loaded with the first question that needs it. */
export function lazyMemory(
  client: DynamoDBDocumentClient,
  config: MemoryConfig,
  dependencies: Omit<ConversationMemoryDependencies, 'conversations' | 'notes' | 'attachments'>,
): AnswerMemory {
  const load = lazy(async () => {
    const [{ conversationMemory }, { dynamoConversationStore }, { dynamoNoteStore }, { attachmentsIn }, { s3ArtifactStore }] =
      await Promise.all([
        import('#shared/executions/conversation-memory.ts'),
        import('#shared/conversations/dynamo-conversation-store.ts'),
        import('#shared/memory/dynamo-note-store.ts'),
        import('#shared/messaging/attachments.ts'),
        import('#shared/messaging/s3-artifact-store.ts'),
      ])
    const { EXECUTIONS_TABLE: executions, CONVERSATION_RETENTION_DAYS: retentionDays } = config
    return conversationMemory({
      ...dependencies,
      conversations: dynamoConversationStore(client, executions, { retentionDays }),
      notes: dynamoNoteStore(client, executions),
      attachments: attachmentsIn(s3ArtifactStore(config.ARTIFACTS_BUCKET)),
    })
  })
  return {
    begin: async (asked) => (needsMemory(asked) ? (await load()).begin(asked) : undefined),
    leave: async (record) => (record.conversationId === undefined ? undefined : (await load()).leave(record)),
  }
}

function needsMemory({ record: { conversationId, input }, agent: { memory } }: Asked): boolean {
  if (conversationId !== undefined || memory?.notes) return true
  return typeof input === 'object' && input !== null && 'attachments' in input
}
