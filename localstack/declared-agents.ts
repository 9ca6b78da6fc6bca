import { InvokeCommand } from '@aws-sdk/client-lambda'
import { functionOutput } from '#shared/platform/names.ts'
import { type Cloud, lambdaClient } from './aws-clients.ts'
import { type Outputs, output } from './deploy/outputs.ts'
import { LocalCloudError } from './local-cloud-error.ts'

/**
 * Has the agents in code registered now, by a run of the sweeper, which would do it within a minute. They are there as soon as their own
 * functions have started.
 *
 * @throws LocalCloudError when the sweeper fails
 */
export async function registerDeclaredAgents(cloud: Cloud, outputs: Outputs): Promise<void> {
  const sweep = new InvokeCommand({ FunctionName: output(outputs, functionOutput('sweep')), Payload: '{}' })
  const { FunctionError, Payload } = await lambdaClient(cloud).send(sweep)
  if (FunctionError === undefined) return
  throw new LocalCloudError(`the sweeper failed: ${Payload?.transformToString()}`, 'begin anew: npm start -- --reset')
}
