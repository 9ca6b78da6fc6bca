import type { ConversationStore } from '#shared/conversations/conversation-store.ts'
import type { OAuthClientFor } from '#shared/llm/oauth-client.ts'
import type { SecretFor } from '#shared/llm/secret-for.ts'
import type { NoteStore } from '#shared/memory/note-store.ts'
import type { Clock } from '#shared/platform/clock.ts'
import type { Log } from '#shared/platform/log.ts'
import type { AskAgent, LeaveAgent } from './ask-agent.ts'
import type { FunctionCaller } from './function-caller.ts'

/** What tools depend on. */
export type ToolDependencies = {
  callFunction: FunctionCaller
  askAgent: AskAgent
  leaveAgent: LeaveAgent
  /** How long an agent that was asked is waited for before its caller is suspended, in milliseconds. @default 10,000 */
  agentPatienceMs?: number | undefined
  /** Values of the secrets that headers name. */
  secretFor: SecretFor
  /** The OAuth clients that definitions name. */
  oauthClientFor: OAuthClientFor
  conversations: Pick<ConversationStore, 'read'>
  notes: NoteStore
  /** Whether `http:` and addresses of private networks are called; on the stage `local` only. */
  allowPrivate: boolean
  clock: Clock
  logger: Log
}
