import type { WebSocketApi } from 'aws-cdk-lib/aws-apigatewayv2'
import { ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { Aws, Stack } from 'aws-cdk-lib/core'
import type { Construct } from 'constructs'
import { SOCKET_STAGE } from '#shared/protocol/routes.ts'
import { acknowledgeWildcard } from './acknowledge.ts'

/** Permission to post to the connections of our socket, and to close them; a policy that several functions carry. */
export function connectionsPolicy(scope: Construct, id: string, api: WebSocketApi): ManagedPolicy {
  const methods = ['POST', 'DELETE']
  const connections = (apiId: string, method: string) =>
    `arn:${Aws.PARTITION}:execute-api:${Aws.REGION}:${Aws.ACCOUNT_ID}:${apiId}/${SOCKET_STAGE}/${method}/@connections/*`
  const policy = new ManagedPolicy(scope, id, {
    description: 'Posts to the sockets of Sluice and closes them',
    statements: [
      new PolicyStatement({
        actions: ['execute-api:ManageConnections'],
        resources: methods.map((method) => connections(api.apiId, method)),
      }),
    ],
  })
  const logicalId = Stack.of(scope).resolve(api.apiId).Ref
  for (const method of methods)
    acknowledgeWildcard(policy, connections(`<${logicalId}>`, method), 'ids of connections are not known before')
  return policy
}
