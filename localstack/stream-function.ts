import { join } from 'node:path'
import { GetFunctionConfigurationCommand } from '@aws-sdk/client-lambda'
import { functionOutput } from '#shared/platform/names.ts'
import { type Cloud, lambdaClient } from './aws-clients.ts'
import { type Outputs, output } from './deploy/outputs.ts'
import { LOCAL_CREDENTIALS } from './environment.ts'
import { type FunctionHost, startFunctionHost } from './front-door/function-url/function-host.ts'
import { BIN_DIR, PROJECT_ROOT } from './paths.ts'

/**
 * Serves the deployed streaming function: emulators answer a function URL only when the handler has ended, and have no
 * `awslambda.streamifyResponse`. The bundle is the one that was deployed, and so is the environment.
 */
export async function startStreamFunction(cloud: Cloud, outputs: Outputs, logFile: string): Promise<FunctionHost> {
  const functionName = output(outputs, functionOutput('stream'))
  const { Environment, Timeout } = await lambdaClient(cloud).send(
    new GetFunctionConfigurationCommand({ FunctionName: functionName }),
  )
  return startFunctionHost({
    file: join(PROJECT_ROOT, 'dist', 'functions', 'stream', 'handler.mjs'),
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
