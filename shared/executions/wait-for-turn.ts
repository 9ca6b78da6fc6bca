import type { Conversation, ConversationStore, Floor } from '#shared/conversations/conversation-store.ts'
import { ConflictError } from '#shared/platform/errors.ts'
import type { MemorySettings } from '#shared/protocol/agent-thought.ts'
import type { Asked } from './answer-memory.ts'
import { type CancelDependencies, cancelExecution } from './cancel-execution.ts'
import { hasEnded } from './execution-status.ts'
import { RunStoppedError } from './run-stopped-error.ts'
import { waitedMsOf } from './waited-ms-of.ts'

export type TurnDependencies = CancelDependencies & { conversations: ConversationStore }

/** How an agent remembers, with what it leaves to the platform. */
export type Memory = { [Name in keyof MemorySettings]-?: NonNullable<MemorySettings[Name]> }

/** When an execution looks again that nobody has woken, in milliseconds: at first, and at the latest. A look costs an invocation. */
const LOOK_AGAIN_MS = 30_000
const LONGEST_LOOK_MS = 5 * 60_000
/** What a worker may be late with its end, in milliseconds. */
const LATE_MS = 60_000
/** Why an answer ends whose question is not the last one any more. */
const REPLACED = 'replaced by a later message'

/**
 * Takes the conversation's floor, or leaves the execution until it may have it.
 *
 * @throws ConflictError where the agent takes one question at a time; RunStoppedError `cancelled` where a later question is answered in its place
 */
export async function waitForTurn(
  dependencies: TurnDependencies,
  { record, checkpoints, deadline }: Asked,
  conversation: Conversation,
  { doubleTexting, sessionTimeoutMinutes }: Memory,
): Promise<Floor> {
  const { conversations, executions, clock } = dependencies
  const { tenant, executionId, createdAt } = record
  for (;;) {
    const now = clock.now()
    const sessionTimeoutMs = sessionTimeoutMinutes * 60_000
    const speaker = { executionId, createdAt, now, until: deadline + LATE_MS, sessionTimeoutMs }
    const begun = await conversations.begin(conversation, speaker)
    if (begun.result === 'begun') return begun
    const other = { tenant, executionId: begun.executionId }
    const standing = await executions.get(other)
    if (!standing || hasEnded(standing.status)) {
      await conversations.release(conversation, begun.executionId)
      continue
    }
    // One that has begun had the floor, and lost it because it waited for somebody too long: it goes on when the floor is free.
    if (doubleTexting === 'reject' && checkpoints.state === undefined) {
      await conversations.release(conversation, executionId)
      throw new ConflictError('an answer is under way in this conversation, and the agent takes one question at a time')
    }
    if (doubleTexting === 'replace' && createdAt < standing.createdAt) {
      await conversations.release(conversation, executionId)
      throw new RunStoppedError('cancelled', REPLACED)
    }
    if (doubleTexting === 'replace') {
      // It may end by itself at this very moment.
      const replaced = await cancelExecution(dependencies, other, REPLACED).catch(() => undefined)
      // Nobody ran it, so nobody else gives the floor back.
      if (replaced && hasEnded(replaced.status)) continue
    }
    await checkpoints.suspend(checkpoints.state, { for: 'turn', until: now + pauseAfter(waitedMsOf(record)) })
  }
}

/** As long again as it has waited, within limits. */
const pauseAfter = (waitedMs: number): number => Math.min(LONGEST_LOOK_MS, Math.max(LOOK_AGAIN_MS, waitedMs))
