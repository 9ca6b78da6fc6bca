import {
  CfnIntegration,
  CfnIntegrationResponse,
  CfnRoute,
  CfnRouteResponse,
  type WebSocketApi,
} from 'aws-cdk-lib/aws-apigatewayv2'
import { Construct } from 'constructs'
import { KEEP_ALIVE_ID, KEEP_ALIVE_PONG } from '#shared/protocol/keep-alive.ts'

/** Frames are told apart by their id: all but one are for the function. */
export const KEEP_ALIVE_SELECTION = '$request.body.id'

export type KeepAliveRouteProps = {
  api: WebSocketApi
  /** The emulator knows no responses in templates; the local cloud adds what this leaves out. */
  isEmulated: boolean
}

/** Key of the templates; MOCK integrations need one that says the status. */
const TEMPLATE = '200'
const DEFAULT = '$default'

/**
 * Answers the ping that keeps a connection open, without a function. MOCK integrations do not see what they answer to.
 * Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-integration-responses.html
 */
export class KeepAliveRoute extends Construct {
  constructor(scope: Construct, id: string, { api, isEmulated }: KeepAliveRouteProps) {
    super(scope, id)
    const { apiId } = api
    const integration = new CfnIntegration(this, 'Integration', {
      apiId,
      integrationType: 'MOCK',
      templateSelectionExpression: TEMPLATE,
      requestTemplates: { [TEMPLATE]: JSON.stringify({ statusCode: 200 }) },
    })
    const route = new CfnRoute(this, 'Route', {
      apiId,
      routeKey: KEEP_ALIVE_ID,
      authorizationType: 'NONE',
      target: `integrations/${integration.ref}`,
      routeResponseSelectionExpression: DEFAULT,
    })
    if (isEmulated) return
    new CfnIntegrationResponse(this, 'IntegrationResponse', {
      apiId,
      integrationId: integration.ref,
      integrationResponseKey: DEFAULT,
      templateSelectionExpression: TEMPLATE,
      responseTemplates: { [TEMPLATE]: JSON.stringify(KEEP_ALIVE_PONG) },
    })
    new CfnRouteResponse(this, 'RouteResponse', { apiId, routeId: route.ref, routeResponseKey: DEFAULT })
  }
}
