import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { beforeAll, describe, expect, inject, it } from 'vitest'
import { deployStack, emulatorClientOptions, functionResource, integrationUri } from '../../helpers/emulator-stack.ts'

/** Tells about the runtime it finds. */
const HANDLER = `
exports.handler = async (event) => ({
  node: process.versions.node.split('.')[0],
  endpoint: process.env.AWS_ENDPOINT_URL,
  streaming: typeof globalThis.awslambda?.streamifyResponse,
  path: event.rawPath,
  query: event.rawQueryString,
})`

describe('functions of the emulator', () => {
  const endpoint = inject('emulatorUrl')
  let outputs: Record<string, string> = {}

  beforeAll(async () => {
    outputs = await deployStack(
      endpoint,
      {
        Function: functionResource(HANDLER),
        Api: { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: 'contract', ProtocolType: 'HTTP' } },
        Integration: {
          Type: 'AWS::ApiGatewayV2::Integration',
          Properties: {
            ApiId: { Ref: 'Api' },
            IntegrationType: 'AWS_PROXY',
            IntegrationUri: integrationUri('Function'),
            PayloadFormatVersion: '2.0',
          },
        },
        Route: {
          Type: 'AWS::ApiGatewayV2::Route',
          Properties: {
            ApiId: { Ref: 'Api' },
            RouteKey: 'GET /v1/{proxy+}',
            Target: { 'Fn::Sub': `integrations/\${Integration}` },
          },
        },
        Stage: {
          Type: 'AWS::ApiGatewayV2::Stage',
          Properties: { ApiId: { Ref: 'Api' }, StageName: '$default', AutoDeploy: true },
        },
      },
      { FunctionName: { Ref: 'Function' }, ApiId: { Ref: 'Api' } },
    )
  })

  async function invoke(): Promise<Record<string, unknown>> {
    const client = new LambdaClient(emulatorClientOptions(endpoint))
    const { Payload } = await client.send(new InvokeCommand({ FunctionName: outputs.FunctionName, Payload: '{}' }))
    return JSON.parse(Buffer.from(Payload ?? []).toString())
  }

  it('run on the Node that is first on its PATH, and are told its endpoint', async () => {
    expect(await invoke()).toMatchObject({ node: '24', endpoint })
  })

  it('have no streamifyResponse: the front door runs the streaming function', async () => {
    expect(await invoke()).toMatchObject({ streaming: 'undefined' })
  })

  it('are reached by path through an HTTP API, which leaves the path as the client sent it', async () => {
    const response = await fetch(`${endpoint}/_aws/execute-api/${outputs.ApiId}/$default/v1/agents?after=a%20b`)

    expect(await response.json()).toMatchObject({ path: '/v1/agents', query: 'after=a%20b' })
  })

  it('keep from routes what asks for the options of a path, which API Gateway passes on where no CORS is configured', async () => {
    const response = await fetch(`${endpoint}/_aws/execute-api/${outputs.ApiId}/$default/v1/things`, { method: 'OPTIONS' })

    expect(response.status).toBe(403)
  })
})
