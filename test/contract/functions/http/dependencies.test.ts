import { CreateEventBusCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge'
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest'
import { parseWorkItem } from '#shared/messaging/parse-work-item.ts'
import { newId } from '#shared/platform/ids.ts'
import { ENV } from '#shared/platform/names.ts'
import { createDependencies } from '../../../../functions/http/dependencies.ts'
import { httpCaller, TOKEN_SECRET } from '../../../helpers/http-caller.ts'
import '../../../helpers/provided-context.ts'
import { receiveFrom } from '../../../helpers/receive-from.ts'
import { CONTRACT_TABLES } from '../../../helpers/tables.ts'

const endpoint = inject('emulatorUrl')
const name = `sluice-${newId()}`
const tenant = newId()

describe('createDependencies', () => {
  let caller: ReturnType<typeof httpCaller>
  let queueUrl: string
  let token: string

  beforeAll(async () => {
    queueUrl = String((await new SQSClient({ endpoint }).send(new CreateQueueCommand({ QueueName: name }))).QueueUrl)
    await new EventBridgeClient({ endpoint }).send(new CreateEventBusCommand({ Name: name }))
    await new SecretsManagerClient({ endpoint }).send(new CreateSecretCommand({ Name: name, SecretString: TOKEN_SECRET }))
    const environment = {
      AWS_ENDPOINT_URL: endpoint,
      [ENV.stage]: 'test',
      [ENV.platform]: name,
      [ENV.registryTable]: CONTRACT_TABLES.registry,
      [ENV.executionsTable]: CONTRACT_TABLES.executions,
      [ENV.executionRetentionDays]: '30',
      [ENV.conversationRetentionDays]: '90',
      [ENV.deliveryRetentionDays]: '30',
      [ENV.streamsTable]: CONTRACT_TABLES.streams,
      [ENV.auditTable]: CONTRACT_TABLES.audit,
      [ENV.auditRetentionDays]: '365',
      [ENV.busName]: name,
      [ENV.workQueueUrl]: queueUrl,
      [ENV.connectionsQueueUrl]: queueUrl,
      [ENV.tokenSecretName]: name,
      [ENV.webhookSecretName]: name,
      [ENV.artifactsBucket]: name,
      [ENV.declaredAgents]: '[]',
      [ENV.defaultTenant]: 'default',
      [ENV.allowPrivateCallbacks]: 'true',
      [ENV.maxAgentsPerTenant]: '1000',
      [ENV.executionTimeoutSeconds]: '300',
      [ENV.providerTimeoutSeconds]: '120',
      [ENV.authentication]: 'on',
      [ENV.failedAttemptsPerMinute]: '20',
      [ENV.erasureQueueUrl]: queueUrl,
      [ENV.requestsPerMinute]: '100',
      [ENV.tenantRequestsPerMinute]: '1000',
      [ENV.maxSocketsPerTenant]: '1000',
      [ENV.maxExecutionsPerTenantPerDay]: '100000',
      [ENV.corsOrigins]: '',
      [ENV.metricsEnabled]: 'true',
    }
    for (const [variable, value] of Object.entries(environment)) vi.stubEnv(variable, value)
    const { clock: _realTime, ...dependencies } = createDependencies()
    caller = httpCaller(dependencies)
    token = await caller.tokenOf(tenant)
  })
  // Not earlier: the SDK's clients look for their endpoint with their first call.
  afterAll(() => vi.unstubAllEnvs())

  it('reach everything that a request needs', async () => {
    const { status, body } = await caller.call('GET', '/ready')

    const names = ['registry table', 'executions table', 'streams table', 'work queue', 'message bus', 'token secret']
    expect(body).toMatchObject({ status: 'ok', dependencies: names.map((dependency) => ({ name: dependency, status: 'ok' })) })
    expect(status).toBe(200)
  })

  it('carry an execution from the door to the queue and back to the reader', async () => {
    const llm = { provider: 'scripted', model: 'script-1' }
    const definition = { agentId: 'assistant', name: 'Assistant', llm, autoStart: true }
    expect(await caller.call('POST', '/v1/agents', { token, body: definition })).toMatchObject({ status: 201 })

    const accepted = await caller.call('POST', '/v1/executions', {
      token,
      body: { agentId: 'assistant', input: { content: 'Why?' } },
    })

    const executionId = String(accepted.body.executionId)
    const [message] = await receiveFrom(new SQSClient({ endpoint }), queueUrl)
    expect(parseWorkItem(String(message?.Body))).toMatchObject({ tenant, executionId })
    expect(await caller.call('GET', `/v1/executions/${executionId}`, { token })).toMatchObject({
      status: 200,
      body: { status: 'queued' },
    })
    expect((await caller.call('GET', `/v1/executions/${executionId}/events`, { token })).body).toEqual({
      events: [],
      next: -1,
      complete: false,
    })
  })

  it('publish messages and issue tickets', async () => {
    expect(await caller.call('POST', '/v1/topics/questions/messages', { token, body: { data: 1 } })).toMatchObject({
      status: 202,
    })
    expect(await caller.call('POST', '/v1/tickets', { token })).toMatchObject({ status: 201 })
  })
})
