import {
  GetFunctionConfigurationCommand,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionUpdatedV2,
} from '@aws-sdk/client-lambda'
import { newId } from '#shared/platform/ids.ts'
import { type Cloud, lambdaClient } from '../../localstack/aws-clients.ts'

/** Ends the functions' containers by a change of their environment: their next invocations start cold, here as in AWS. */
export async function freshContainers(cloud: Cloud, functionNames: string[]): Promise<void> {
  const client = lambdaClient(cloud)
  try {
    for (const FunctionName of functionNames) {
      const { Environment } = await client.send(new GetFunctionConfigurationCommand({ FunctionName }))
      const Variables = { ...Environment?.Variables, BENCH_RUN: newId() }
      await client.send(new UpdateFunctionConfigurationCommand({ FunctionName, Environment: { Variables } }))
      await waitUntilFunctionUpdatedV2({ client, maxWaitTime: 30, minDelay: 1 }, { FunctionName })
    }
  } finally {
    client.destroy()
  }
}
