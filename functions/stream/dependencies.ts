import { dynamoTicketStore } from '#shared/access/dynamo-ticket-store.ts'
import { readExecution } from '#shared/executions/dynamo-read-execution.ts'
import { systemClock } from '#shared/platform/clock.ts'
import { CONFIG, loadConfig } from '#shared/platform/config.ts'
import { dynamoClient } from '#shared/platform/dynamo-client.ts'
import type { Log } from '#shared/platform/log.ts'
import { powertoolsLog } from '#shared/platform/powertools-log.ts'
import { dynamoStreamLog } from '#shared/streams/dynamo-stream-log.ts'
import type { OpenStreamDependencies } from './open-stream.ts'
import type { StartResponse } from './streaming-handler.ts'

export type StreamDependencies = OpenStreamDependencies & { startResponse: StartResponse; logger: Log }

/** Made once per container. */
export function streamDependencies(): StreamDependencies {
  const { EXECUTIONS_TABLE: executions, STREAMS_TABLE: streams } = loadConfig({
    ...CONFIG.stage,
    ...CONFIG.executions,
    ...CONFIG.streams,
  })
  const client = dynamoClient()
  return {
    tickets: dynamoTicketStore(client, streams),
    executions: { get: (key) => readExecution(client, executions, key) },
    streamLog: dynamoStreamLog(client, streams),
    clock: systemClock,
    startResponse: (response, head) => awslambda.HttpResponseStream.from(response, head),
    logger: powertoolsLog('stream'),
  }
}
