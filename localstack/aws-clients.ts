import { CloudFormationClient } from '@aws-sdk/client-cloudformation'
import { LambdaClient } from '@aws-sdk/client-lambda'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { LOCAL_CREDENTIALS } from './environment.ts'

export type Cloud = { endpointUrl: string; region: string }

/** Options of an SDK client that must never talk to anything but the local cloud. */
export const clientOptions = ({ endpointUrl, region }: Cloud) => ({
  endpoint: endpointUrl,
  region,
  credentials: LOCAL_CREDENTIALS,
  requestHandler: { connectionTimeout: 5_000, requestTimeout: 60_000 },
})

export const secretsManagerClient = (cloud: Cloud): SecretsManagerClient => new SecretsManagerClient(clientOptions(cloud))
export const lambdaClient = (cloud: Cloud): LambdaClient => new LambdaClient(clientOptions(cloud))
export const cloudFormationClient = (cloud: Cloud): CloudFormationClient => new CloudFormationClient(clientOptions(cloud))
