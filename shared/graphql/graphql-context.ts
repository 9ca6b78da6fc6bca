import type { VerifiedPrincipal } from '#shared/access/verified-principal.ts'
import type { ConversationStore } from '#shared/conversations/conversation-store.ts'
import type { CancelDependencies } from '#shared/executions/cancel-execution.ts'
import type { DecideDependencies } from '#shared/executions/decide-approval.ts'
import type { SubmitDependencies } from '#shared/executions/submit-execution.ts'
import type { PublishMessageDependencies } from '#shared/messaging/publish-message.ts'
import type { TopicStore } from '#shared/messaging/topic-store.ts'

/** What the fields need. */
export type GraphqlDependencies = SubmitDependencies &
  CancelDependencies &
  DecideDependencies &
  PublishMessageDependencies & {
    topicStore: TopicStore
    conversations: ConversationStore
    allowPrivateCallbacks: boolean
  }

/** Who asks, and what of. */
export type GraphqlContext = { principal: VerifiedPrincipal; dependencies: GraphqlDependencies }
