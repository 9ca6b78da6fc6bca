import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import type { Credentials } from '#shared/access/authenticate.ts'

/** What a request shows of its caller. */
export const callerOf = ({ headers, requestContext }: APIGatewayProxyEventV2): Credentials => ({
  authorization: headers.authorization,
  apiKey: headers['x-api-key'],
  address: requestContext.http.sourceIp,
})
