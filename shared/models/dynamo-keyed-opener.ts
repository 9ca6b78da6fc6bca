import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { dynamoBucketStore } from '#shared/limits/dynamo-bucket-store.ts'
import type { LlmTimeouts } from '#shared/llm/llm-timeouts.ts'
import { vendorOpener } from '#shared/llm/open-vendor.ts'
import { providerKeys } from '#shared/llm/provider-keys.ts'
import { secretFor } from '#shared/llm/secret-for.ts'
import type { Clock } from '#shared/platform/clock.ts'
import type { Log } from '#shared/platform/log.ts'
import type { SecretStore } from '#shared/platform/secret-store.ts'
import { allModelHosts, namedSecret, type StageModelVariables } from './default-model.ts'
import { dynamoKeyStateStore } from './dynamo-key-state-store.ts'
import { type KeyedOpener, keyedOpener } from './keyed-opener.ts'
import { sharedKeyPool } from './shared-key-pool.ts'

export type KeyedOpenerDependencies = {
  client: DynamoDBDocumentClient
  streamsTable: string
  secrets: SecretStore
  /** Prefix of the secrets' names. */
  platform: string
  /** Hosts that definitions may name as `baseUrl`. */
  modelHosts: readonly string[]
  /** The stage's own model, whose secret may have any name. */
  stageModel: StageModelVariables
  /** @default LLM_TIMEOUTS */
  timeouts?: LlmTimeouts | undefined
  clock: Clock
  log: Log
}

/** Opens vendors on a deployed stage: keys from Secrets Manager, their pauses and rates from the streams table. */
export function dynamoKeyedOpener(dependencies: KeyedOpenerDependencies): KeyedOpener {
  const { client, streamsTable, secrets, platform, modelHosts, stageModel, timeouts, clock, log } = dependencies
  const keys = providerKeys({ secrets, platform, named: namedSecret(stageModel) })
  const states = dynamoKeyStateStore(client, streamsTable)
  const buckets = dynamoBucketStore(client, streamsTable)
  return keyedOpener({
    pool: sharedKeyPool({ keys, states, buckets, clock, log }),
    openVendor: vendorOpener({
      secretFor: secretFor({ secrets, platform }),
      secretName: keys.secretName,
      modelHosts: allModelHosts(modelHosts, stageModel),
      timeouts,
    }),
  })
}
