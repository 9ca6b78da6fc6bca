import type { BatchOutcome } from '#shared/messaging/publish-batch.ts'
import type { Log } from '#shared/platform/log.ts'
import { toProblem } from '#shared/platform/problem.ts'
import type { BatchResult } from '#shared/protocol/envelope.ts'

/** What became of the messages of a batch, as their sender sees it; the log has what is not meant for the sender. */
export function toBatchResult(outcomes: readonly BatchOutcome[], log: Log): BatchResult {
  const results = outcomes.map((outcome) => {
    if (outcome.result === 'accepted') return { messageId: outcome.messageId }
    const { code, detail, errors } = toProblem(outcome.error)
    if (outcome.error.status >= 500) log.error('request_failed', { code, error: outcome.error })
    return { error: { code, detail, ...(errors && { errors }) } }
  })
  return { results }
}
