import { connectionsEndpoint } from '#shared/platform/connections-endpoint.ts'
import { apiGatewayConnectionPoster } from './api-gateway-connection-poster.ts'
import type { ConnectionPoster } from './connection-poster.ts'

/** The poster of a function's configuration: the groups `stage` and `socket`. */
export function socketPoster(config: {
  SOCKET_API_ID: string
  AWS_REGION: string
  AWS_ENDPOINT_URL?: string | undefined
}): ConnectionPoster {
  const { SOCKET_API_ID: apiId, AWS_REGION: region, AWS_ENDPOINT_URL: endpointUrl } = config
  return apiGatewayConnectionPoster(connectionsEndpoint({ apiId, region, endpointUrl }))
}
