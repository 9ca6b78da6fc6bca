import { CloudFormationClient, CreateStackCommand, waitUntilStackCreateComplete } from '@aws-sdk/client-cloudformation'
import { newId } from '#shared/platform/ids.ts'
import { LOCAL_CREDENTIALS } from '../../localstack/environment.ts'

/** Options of an SDK client for the bare emulator. */
export const emulatorClientOptions = (endpoint: string) => ({ endpoint, region: 'us-east-1', credentials: LOCAL_CREDENTIALS })

type Resource = { Type: string; Properties?: Record<string, unknown>; DependsOn?: string[] }

/**
 * Creates a stack from bare CloudFormation resources.
 *
 * @returns its outputs
 */
export async function deployStack(
  endpoint: string,
  resources: Record<string, Resource>,
  outputs: Record<string, unknown>,
): Promise<Record<string, string>> {
  const client = new CloudFormationClient(emulatorClientOptions(endpoint))
  const StackName = `contract-${newId()}`
  const Outputs = Object.fromEntries(Object.entries(outputs).map(([name, Value]) => [name, { Value }]))
  await client.send(new CreateStackCommand({ StackName, TemplateBody: JSON.stringify({ Resources: resources, Outputs }) }))
  const { reason } = await waitUntilStackCreateComplete({ client, maxWaitTime: 20, minDelay: 0.1, maxDelay: 0.2 }, { StackName })
  const { Stacks = [] } = reason as { Stacks?: { Outputs?: { OutputKey?: string; OutputValue?: string }[] }[] }
  return Object.fromEntries(
    (Stacks[0]?.Outputs ?? []).map(({ OutputKey, OutputValue }) => [String(OutputKey), String(OutputValue)]),
  )
}

const ROLE = 'arn:aws:iam::000000000000:role/contract'

/** A Node function with this CommonJS source. */
export const functionResource = (source: string): Resource => ({
  Type: 'AWS::Lambda::Function',
  Properties: { Runtime: 'nodejs24.x', Handler: 'index.handler', Role: ROLE, Timeout: 20, Code: { ZipFile: source } },
})

/** Address of a function as API Gateway names it. */
export const integrationUri = (functionId: string) => ({
  'Fn::Sub': `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/\${${functionId}.Arn}/invocations`,
})
