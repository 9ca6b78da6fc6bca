import { SOCKET_STAGE } from '#shared/protocol/routes.ts'

/**
 * Address of the `@connections` API. CDK writes the address of AWS into the environment; a LocalStack-compatible cloud serves the
 * same API by path, under its own endpoint.
 */
export function connectionsEndpoint(options: { apiId: string; region: string; endpointUrl?: string | undefined }): string {
  if (options.endpointUrl) return `${options.endpointUrl.replace(/\/+$/, '')}/_aws/execute-api/${options.apiId}/${SOCKET_STAGE}`
  return `https://${options.apiId}.execute-api.${options.region}.amazonaws.com/${SOCKET_STAGE}`
}
