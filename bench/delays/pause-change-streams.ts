import { ListEventSourceMappingsCommand, UpdateEventSourceMappingCommand } from '@aws-sdk/client-lambda'
import { type Cloud, lambdaClient } from '../../localstack/aws-clients.ts'

/**
 * Stops the functions that follow the tables' changes. In AWS every event source has pollers of its own; the emulator has one for all of them, which
 * waits for a function of a change stream before it looks at a queue again. So queues would be measured that wait for something else.
 *
 * @returns how to let them go on; they catch up
 */
export async function pauseChangeStreams(cloud: Cloud): Promise<() => Promise<void>> {
  const lambda = lambdaClient(cloud)
  const { EventSourceMappings = [] } = await lambda.send(new ListEventSourceMappingsCommand({}))
  const streams = EventSourceMappings.filter(({ EventSourceArn = '' }) => EventSourceArn.includes(':dynamodb:'))
  const enable = async (Enabled: boolean): Promise<void> => {
    for (const { UUID } of streams) await lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled }))
  }
  await enable(false)
  return async () => {
    await enable(true)
    lambda.destroy()
  }
}
