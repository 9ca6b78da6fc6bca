import { globSync } from 'node:fs'
import { join } from 'node:path'
import { GetFunctionConfigurationCommand } from '@aws-sdk/client-lambda'
import { functionOutput } from '#shared/platform/names.ts'
import { type Cloud, lambdaClient } from './aws-clients.ts'
import { type Outputs, output } from './deploy/outputs.ts'
import { LOCAL_CREDENTIALS } from './environment.ts'
import { type FunctionHost, startFunctionHost } from './front-door/function-url/function-host.ts'
import { LocalCloudError } from './local-cloud-error.ts'
import { BIN_DIR } from './paths.ts'

export type StreamFunctionOptions = {
  cloud: Cloud
  outputs: Outputs
  /** Cloud assembly that was deployed; it holds the bundle. */
  assembly: string
  logFile: string
}

/**
 * Serves the deployed streaming function: emulators answer a function URL only when the handler has ended, and have no
 * `awslambda.streamifyResponse`. Bundle and environment are the deployed ones.
 */
export async function startStreamFunction({ cloud, outputs, assembly, logFile }: StreamFunctionOptions): Promise<FunctionHost> {
  const [bundle] = globSync('asset.*/stream/handler.mjs', { cwd: assembly })
  if (bundle === undefined)
    throw new LocalCloudError('the cloud assembly has no streaming function', 'npm run synth shows what it is made of')
  const functionName = output(outputs, functionOutput('stream'))
  const { Environment, Timeout } = await lambdaClient(cloud).send(
    new GetFunctionConfigurationCommand({ FunctionName: functionName }),
  )
  return startFunctionHost({
    file: join(assembly, bundle),
    functionName,
    timeoutSeconds: Timeout ?? 900,
    env: {
      ...Environment?.Variables,
      PATH: BIN_DIR,
      AWS_LAMBDA_FUNCTION_NAME: functionName,
      AWS_REGION: cloud.region,
      AWS_ENDPOINT_URL: cloud.endpointUrl,
      AWS_ACCESS_KEY_ID: LOCAL_CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: LOCAL_CREDENTIALS.secretAccessKey,
    },
    logFile,
  })
}
