import { setTimeout as pause } from 'node:timers/promises'
import {
  GetFunctionConfigurationCommand,
  InvokeCommand,
  LambdaClient,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda'
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { GetQueueAttributesCommand, SendMessageCommand, SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs'
import { inject } from 'vitest'
import { mintToken } from '#shared/access/token.ts'
import { type FunctionName, functionOutput, OUTPUT } from '#shared/platform/names.ts'
import { SCOPES, type Scope } from '#shared/protocol/scopes.ts'
import { createClient } from '../../web/client/index.ts'
import './provided-context.ts'

type Caller = { tenant?: string; subject?: string; scopes?: readonly Scope[]; expiresInSeconds?: number }

/** The deployed app that the end-to-end tests share, seen from outside: its front door, its queues, its functions. */
export function deployedCloud() {
  const [frontDoorUrl, endpointUrl, outputs] = [inject('frontDoorUrl'), inject('endpointUrl'), inject('outputs')]
  const aws = { endpoint: endpointUrl, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } }
  const sqs = new SQSClient(aws)
  const lambda = new LambdaClient(aws)
  const secrets = new SecretsManagerClient(aws)
  const output = (key: string): string => {
    const value = outputs[key]
    if (value === undefined) throw new Error(`the deployment has no output ${key}`)
    return value
  }

  async function token({ tenant = 'default', subject = 'tester', scopes = SCOPES, expiresInSeconds = 600 }: Caller = {}) {
    const secret = new GetSecretValueCommand({ SecretId: output(OUTPUT.tokenSecretName) })
    const { SecretString = '' } = await secrets.send(secret)
    return mintToken({ tenant, subject, scopes, expiresInSeconds }, SecretString)
  }

  return {
    frontDoorUrl,
    endpointUrl,
    output,
    token,
    client: (caller?: Caller) => createClient({ baseUrl: frontDoorUrl, token: () => token(caller) }),

    /** One call to the front door, as JSON. */
    async call(
      method: string,
      path: string,
      options: { caller?: Caller; body?: unknown; headers?: Record<string, string> } = {},
    ) {
      const headers = { authorization: `Bearer ${await token(options.caller)}`, 'content-type': 'application/json' }
      const response = await fetch(new URL(path, frontDoorUrl), {
        method,
        headers: { ...headers, ...options.headers },
        ...(options.body !== undefined && { body: JSON.stringify(options.body) }),
      })
      return { status: response.status, body: (await response.json()) as Record<string, unknown> }
    },

    /** A ticket for a socket or a stream. */
    async ticket(caller?: Caller): Promise<string> {
      const { body } = await this.call('POST', '/v1/tickets', caller === undefined ? {} : { caller })
      return String(body.ticket)
    },

    /** Asks an agent over HTTP; returns the id of the execution. */
    async ask(agentId: string, content: string): Promise<string> {
      const { body } = await this.call('POST', '/v1/executions', { body: { agentId, input: { content } } })
      return String(body.executionId)
    },

    async sendToIngress(body: string, attributes: Record<string, string> = {}): Promise<void> {
      const MessageAttributes = Object.fromEntries(
        Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
      )
      await sqs.send(new SendMessageCommand({ QueueUrl: output(OUTPUT.ingressQueueUrl), MessageBody: body, MessageAttributes }))
    },

    async sendToWork(tenant: string, executionId: string): Promise<void> {
      const MessageBody = JSON.stringify({ tenant, executionId })
      await sqs.send(new SendMessageCommand({ QueueUrl: output(OUTPUT.workQueueUrl), MessageBody }))
    },

    /** Messages that wait in a queue. */
    async depth(queueUrlOutput: string): Promise<number> {
      const AttributeNames = ['ApproximateNumberOfMessages' as const, 'ApproximateNumberOfMessagesNotVisible' as const]
      const { Attributes = {} } = await sqs.send(
        new GetQueueAttributesCommand({ QueueUrl: output(queueUrlOutput), AttributeNames }),
      )
      return AttributeNames.reduce((sum, name) => sum + Number(Attributes[name] ?? 0), 0)
    },

    /** How long a received message of a queue is hidden from now on; returns how long it was before. */
    async setVisibility(queueUrlOutput: string, seconds: number): Promise<number> {
      const QueueUrl = output(queueUrlOutput)
      const before = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['VisibilityTimeout'] }))
      await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout: String(seconds) } }))
      return Number(before.Attributes?.VisibilityTimeout)
    },

    async invoke(name: FunctionName, payload: unknown): Promise<unknown> {
      const { Payload } = await lambda.send(
        new InvokeCommand({ FunctionName: output(functionOutput(name)), Payload: JSON.stringify(payload) }),
      )
      return JSON.parse(Buffer.from(Payload ?? []).toString() || 'null')
    },

    /** Sends a function's calls to AWS through another address; undefined sends them straight to the cloud again. */
    async redirect(name: FunctionName, url: string | undefined): Promise<void> {
      const FunctionName = output(functionOutput(name))
      const { Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }))
      const { AWS_ENDPOINT_URL: _straight, ...rest } = Environment?.Variables ?? {}
      const Variables = url === undefined ? rest : { ...rest, AWS_ENDPOINT_URL: url }
      await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Environment: { Variables } }))
    },
  }
}

/** Asks again and again until the answer is there. A minute has room for the cold starts of several functions on a busy machine. */
export async function eventually<Answer>(ask: () => Promise<Answer | undefined>, seconds = 60): Promise<Answer> {
  const deadline = Date.now() + seconds * 1_000
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    if (Date.now() > deadline) throw new Error(`nothing after ${seconds} s`)
    await pause(100)
  }
}
