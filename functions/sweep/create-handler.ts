import middy from '@middy/core'
import type { ScheduledEvent } from 'aws-lambda'
import { type SweepDependencies, sweepExecutions } from '#shared/executions/sweep-executions.ts'
import type { Log } from '#shared/platform/log.ts'

/** Time that is left for the last page, in milliseconds. */
const MARGIN_MS = 5_000

/** Every minute: queues again what nobody works on. */
export function createHandler(dependencies: SweepDependencies & { logger: Log }) {
  return middy<ScheduledEvent, { swept: number }>().handler(async (_event, context) => {
    const signal = AbortSignal.timeout(Math.max(0, context.getRemainingTimeInMillis() - MARGIN_MS))
    const swept = await sweepExecutions(dependencies, signal)
    if (swept > 0) dependencies.logger.warn('sweep_done', { swept })
    return { swept }
  })
}
