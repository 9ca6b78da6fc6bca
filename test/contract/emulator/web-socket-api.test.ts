import { once } from 'node:events'
import { ApiGatewayManagementApiClient, GoneException, PostToConnectionCommand } from '@aws-sdk/client-apigatewaymanagementapi'
import { beforeAll, describe, expect, inject, it } from 'vitest'
import { WebSocket } from 'ws'
import { connectionsEndpoint } from '#shared/platform/connections-endpoint.ts'
import { OUTPUT } from '#shared/platform/names.ts'
import { KEEP_ALIVE_ID, KEEP_ALIVE_PING, KEEP_ALIVE_PONG } from '#shared/protocol/keep-alive.ts'
import { answerKeepAlive } from '../../../localstack/deploy/keep-alive.ts'
import { deployStack, emulatorClientOptions, functionResource, integrationUri } from '../../helpers/emulator-stack.ts'

/** Accepts what offers no `?refuse`, tells its connection id, and answers a frame through its return value. */
const HANDLER = `
exports.handler = async ({ requestContext, body, headers, queryStringParameters }) => {
  if (requestContext.routeKey !== '$connect') return { statusCode: 200, body: requestContext.connectionId + ' ' + body }
  const offered = Object.entries(headers ?? {}).find(([name]) => name.toLowerCase() === 'sec-websocket-protocol')?.[1]
  if (queryStringParameters?.offered && queryStringParameters.offered !== offered) return { statusCode: 400 }
  return { statusCode: Number(queryStringParameters?.refuse ?? 200), headers: { 'Sec-WebSocket-Protocol': 'sluice.v1' } }
}`

const route = (name: string) => ({
  Type: 'AWS::ApiGatewayV2::Route',
  Properties: { ApiId: { Ref: 'Api' }, RouteKey: name, Target: { 'Fn::Sub': `integrations/\${Integration}` } },
})

describe('WebSocket API of the emulator', () => {
  const endpoint = inject('emulatorUrl')
  let apiId = ''
  let url = ''

  beforeAll(async () => {
    const outputs = await deployStack(
      endpoint,
      {
        Function: functionResource(HANDLER),
        Api: {
          Type: 'AWS::ApiGatewayV2::Api',
          Properties: { Name: 'contract', ProtocolType: 'WEBSOCKET', RouteSelectionExpression: '$request.body.id' },
        },
        Integration: {
          Type: 'AWS::ApiGatewayV2::Integration',
          Properties: { ApiId: { Ref: 'Api' }, IntegrationType: 'AWS_PROXY', IntegrationUri: integrationUri('Function') },
        },
        Mock: {
          Type: 'AWS::ApiGatewayV2::Integration',
          Properties: { ApiId: { Ref: 'Api' }, IntegrationType: 'MOCK' },
        },
        KeepAlive: {
          Type: 'AWS::ApiGatewayV2::Route',
          Properties: {
            ApiId: { Ref: 'Api' },
            RouteKey: KEEP_ALIVE_ID,
            Target: { 'Fn::Sub': `integrations/\${Mock}` },
          },
        },
        Connect: route('$connect'),
        Default: route('$default'),
        Stage: { Type: 'AWS::ApiGatewayV2::Stage', Properties: { ApiId: { Ref: 'Api' }, StageName: 'socket', AutoDeploy: true } },
      },
      { ApiId: { Ref: 'Api' } },
    )
    apiId = outputs.ApiId ?? ''
    url = `${endpoint.replace('http', 'ws')}/_aws/execute-api/${apiId}/socket`
  })

  const management = () =>
    new ApiGatewayManagementApiClient({
      ...emulatorClientOptions(connectionsEndpoint({ apiId, region: 'us-east-1', endpointUrl: endpoint })),
    })

  async function connect(): Promise<{ socket: WebSocket; connectionId: string }> {
    const socket = new WebSocket(url)
    await once(socket, 'open')
    socket.send('{"message_type":"who"}')
    const [message] = await once(socket, 'message')
    return { socket, connectionId: String(message).split(' ')[0] ?? '' }
  }

  it('shows $connect the offered subprotocols, and does not echo one: the front door does', async () => {
    const offered = 'sluice.v1,ticket.x'
    const socket = new WebSocket(`${url}?offered=${offered}`, ['sluice.v1', 'ticket.x'])
    const [error] = await once(socket, 'error')

    expect(error.message).toBe('Server sent no subprotocol')
  })

  it('answers a refused $connect with 403, whatever the handler said: the front door makes it 401', async () => {
    const socket = new WebSocket(`${url}?refuse=401`)
    const [, response] = await once(socket, 'unexpected-response')

    expect(response.statusCode).toBe(403)
  })

  it('posts to a connection', async () => {
    const { socket, connectionId } = await connect()
    const received = once(socket, 'message')
    await management().send(new PostToConnectionCommand({ ConnectionId: connectionId, Data: 'x'.repeat(24 * 1024) }))
    const [data] = await received

    expect(String(data)).toHaveLength(24 * 1024)
    socket.terminate()
  })

  it('answers a post to a gone connection with GoneException, 410', async () => {
    const { socket, connectionId } = await connect()
    socket.close()
    await once(socket, 'close')

    const post = () => management().send(new PostToConnectionCommand({ ConnectionId: connectionId, Data: 'x' }))
    await expect.poll(() => post().catch((error: unknown) => error)).toBeInstanceOf(GoneException)
    await expect(post()).rejects.toMatchObject({ $metadata: { httpStatusCode: 410 } })
  })

  it('answers the ping that keeps a connection open without a function, once the local cloud has told it what', async () => {
    const { socket, connectionId } = await connect()
    const answerTo = async (frame: object) => {
      const answered = once(socket, 'message')
      socket.send(JSON.stringify(frame))
      return String((await answered)[0])
    }

    for (const _again of [1, 2]) await answerKeepAlive({ [OUTPUT.socketApiId]: apiId }, { endpointUrl: endpoint })

    expect(JSON.parse(await answerTo(KEEP_ALIVE_PING))).toEqual(KEEP_ALIVE_PONG)
    expect(await answerTo({ message_type: 'ping', id: 'another' })).toContain(connectionId)
    expect(await answerTo({ message_type: 'ping' })).toContain(connectionId)
    socket.terminate()
  })
})
