import { dynamoExecutionStore } from '#shared/executions/dynamo-execution-store.ts'
import type { SweepDependencies } from '#shared/executions/sweep-executions.ts'
import { sqsSender } from '#shared/messaging/sqs-sender.ts'
import { sqsWorkQueue } from '#shared/messaging/sqs-work-queue.ts'
import { systemClock } from '#shared/platform/clock.ts'
import { CONFIG, loadConfig } from '#shared/platform/config.ts'
import { dynamoClient } from '#shared/platform/dynamo-client.ts'
import type { Log } from '#shared/platform/log.ts'
import { powertoolsLog } from '#shared/platform/powertools-log.ts'

/** Made once per container. */
export function sweepDependencies(): SweepDependencies & { logger: Log } {
  const config = loadConfig({ ...CONFIG.stage, ...CONFIG.executions, ...CONFIG.streams, ...CONFIG.work })
  return {
    executions: dynamoExecutionStore(dynamoClient(), { executions: config.EXECUTIONS_TABLE, streams: config.STREAMS_TABLE }),
    workQueue: sqsWorkQueue(sqsSender(), config.WORK_QUEUE_URL),
    clock: systemClock,
    logger: powertoolsLog('sweep'),
  }
}
