import { CreateQueueCommand, DeleteQueueCommand, SQSClient } from '@aws-sdk/client-sqs'
import type { VerifiedPrincipal } from '#shared/access/verified-principal.ts'
import { newId } from '#shared/platform/ids.ts'
import { OUTPUT, platformName, serviceSecretName } from '#shared/platform/names.ts'
import { SCOPES } from '#shared/protocol/scopes.ts'
import { type Cloud, clientOptions } from '../../localstack/aws-clients.ts'
import { type Outputs, output } from '../../localstack/deploy/outputs.ts'

/** What the counted replies run on: the deployed tables, a tenant of their own, and a queue that no function listens to. */
export type BenchRoom = {
  cloud: Cloud
  tables: { registry: string; executions: string; streams: string; audit: string }
  queueUrl: string
  principal: VerifiedPrincipal
  platform: string
  /** Name of the secret that leads to the scripted LLM, and its value. */
  secrets: Record<string, string>
  close(): Promise<void>
}

/** Part of the secret's name, and so of the agent's settings. */
export const BENCH_SERVICE = 'bench'

export async function openBenchRoom(cloud: Cloud, outputs: Outputs, scriptedLlmUrl: string): Promise<BenchRoom> {
  const sqs = new SQSClient(clientOptions(cloud))
  const { QueueUrl: queueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: `bench-counts-${newId()}` }))
  const platform = platformName('local')
  return {
    cloud,
    tables: {
      registry: output(outputs, OUTPUT.registryTable),
      executions: output(outputs, OUTPUT.executionsTable),
      streams: output(outputs, OUTPUT.streamsTable),
      audit: output(outputs, OUTPUT.auditTable),
    },
    queueUrl,
    principal: { subject: 'bench', tenant: 'bench', scopes: SCOPES, expiresAt: Date.now() + 3_600_000 },
    platform,
    secrets: {
      [serviceSecretName(platform, BENCH_SERVICE)]: JSON.stringify({ apiKey: 'bench', baseUrl: scriptedLlmUrl }),
    },
    async close() {
      await sqs.send(new DeleteQueueCommand({ QueueUrl: queueUrl }))
      sqs.destroy()
    },
  }
}
