import { CreateEventSourceMappingCommand, CreateFunctionCommand, waitUntilFunctionActiveV2 } from '@aws-sdk/client-lambda'
import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs'
import { build } from 'esbuild'
import { connectionsEndpoint } from '#shared/platform/connections-endpoint.ts'
import { OUTPUT } from '#shared/platform/names.ts'
import { type Cloud, clientOptions, lambdaClient } from '../../../localstack/aws-clients.ts'
import { type Outputs, output } from '../../../localstack/deploy/outputs.ts'
import { zipOf } from './zip.ts'

export type BarePath = { functionName: string; queueUrl: string }

const FUNCTION_NAME = 'bench-bare'
/** As large as the functions of the app. */
const MEMORY_MB = 1_024

/** Deploys queue and function into the running local cloud; they go with it. */
export async function deployBarePath(cloud: Cloud, outputs: Outputs): Promise<BarePath> {
  const sqs = new SQSClient(clientOptions(cloud))
  const lambda = lambdaClient(cloud)
  try {
    const { QueueUrl: queueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: FUNCTION_NAME }))
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['QueueArn'] }))
    await lambda.send(
      new CreateFunctionCommand({
        FunctionName: FUNCTION_NAME,
        Runtime: 'nodejs24.x',
        Handler: 'handler.handler',
        Role: 'arn:aws:iam::000000000000:role/bench',
        MemorySize: MEMORY_MB,
        Timeout: 10,
        Code: { ZipFile: zipOf('handler.mjs', await bundle()) },
        Environment: { Variables: { CONNECTIONS_ENDPOINT: endpointOf(cloud, outputs) } },
      }),
    )
    await waitUntilFunctionActiveV2({ client: lambda, maxWaitTime: 30, minDelay: 1 }, { FunctionName: FUNCTION_NAME })
    await lambda.send(
      new CreateEventSourceMappingCommand({ EventSourceArn: Attributes?.QueueArn, FunctionName: FUNCTION_NAME, BatchSize: 10 }),
    )
    return { functionName: FUNCTION_NAME, queueUrl }
  } finally {
    sqs.destroy()
    lambda.destroy()
  }
}

const endpointOf = ({ endpointUrl, region }: Cloud, outputs: Outputs): string =>
  connectionsEndpoint({ apiId: output(outputs, OUTPUT.socketApiId), region, endpointUrl })

/** Bundled as the functions of the app are. */
async function bundle(): Promise<Uint8Array> {
  const { outputFiles } = await build({
    entryPoints: [new URL('handler.ts', import.meta.url).pathname],
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    banner: { js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);" },
    write: false,
    logLevel: 'warning',
  })
  const [file] = outputFiles
  if (!file) throw new Error('esbuild made no bundle')
  return file.contents
}
