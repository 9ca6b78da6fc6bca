import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import pLimit from 'p-limit'
import { sleep } from '#shared/platform/clock.ts'
import { OUTPUT } from '#shared/platform/names.ts'
import { executionAcceptedSchema } from '#shared/protocol/execution.ts'
import { VIEWERS_PER_SHARD } from '#shared/protocol/limits.ts'
import { executionRef } from '#shared/streams/channel-ref.ts'
import { dynamoSubscriptionStore } from '#shared/streams/dynamo-subscription-store.ts'
import { clientOptions } from '../../localstack/aws-clients.ts'
import { output } from '../../localstack/deploy/outputs.ts'
import type { LocalCloud } from '../../localstack/local-cloud.ts'
import { type CrowdViewer, openCrowdViewer } from './crowd-viewer.ts'

/** What many viewers of one reply had of it. */
export type CrowdResult = {
  viewers: number
  /** Those who have every event once, in order. */
  whole: number
  /** From the first viewer's terminal event to the last one's, in milliseconds. */
  spreadOfEndsMs: number
  /** Groups of viewers beyond the first 200, who are served by the function `connections` and not by the writer. */
  shards: number
}

const TENANT = 'default'
const AGENT_ID = 'assistant'
/** Close to two minutes, the longest call of a model: the emulator takes a while until everybody is there. */
const CONTENT = 'Tell me everything about canals. [[tokens=1150 rate=10]]'
/** Handshakes at the same time: the emulator has one process for them. */
const ABREAST = 8
/** Time for the last frames behind the terminal event, which must not come, in milliseconds. */
const SETTLE_MS = 2_000
const ANSWER_MS = 180_000

/** Lets many viewers follow one reply, each on a socket of its own. Begins to count once all of them are confirmed. */
export async function watchCrowd(cloud: LocalCloud, viewers: number, tell: (line: string) => void): Promise<CrowdResult> {
  const token = await cloud.token({ tenant: TENANT })
  const limit = pLimit(ABREAST)
  const crowd: CrowdViewer[] = []
  try {
    tell(`${viewers} sockets are opened`)
    await limit.map(Array.from({ length: viewers }), async () => {
      crowd.push(await openCrowdViewer(cloud.frontDoorUrl, token))
    })
    const executionId = await ask(cloud, token)
    tell('everybody subscribes')
    await limit.map(crowd, (viewer) => viewer.follow(executionId))
    if (crowd.some(({ endedAt }) => endedAt !== undefined)) throw new Error('the reply was over before everybody was there')
    const shards = await shardsOf(cloud, executionId)
    tell(`everybody is there, in ${shards} shards beside the writer's`)
    await Promise.race([Promise.allSettled(crowd.map(({ ended }) => ended)), sleep(ANSWER_MS)])
    await sleep(SETTLE_MS)
    const ends = crowd.flatMap(({ endedAt }) => endedAt ?? [])
    return {
      viewers,
      whole: crowd.filter((viewer) => viewer.isWhole()).length,
      spreadOfEndsMs: Math.max(...ends) - Math.min(...ends),
      shards,
    }
  } finally {
    for (const viewer of crowd) viewer.close()
  }
}

async function ask(cloud: LocalCloud, token: string): Promise<string> {
  const response = await fetch(`${cloud.frontDoorUrl}/v1/executions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ agentId: AGENT_ID, input: { content: CONTENT } }),
    signal: AbortSignal.timeout(30_000),
  })
  if (!response.ok) throw new Error(`the request was refused (${response.status}): ${await response.text()}`)
  return executionAcceptedSchema.parse(await response.json()).executionId
}

/** As the head of the channel has it, which is what the writer looks at. */
async function shardsOf(cloud: LocalCloud, executionId: string): Promise<number> {
  const client = DynamoDBDocumentClient.from(new DynamoDBClient(clientOptions(cloud)))
  const store = dynamoSubscriptionStore(client, output(cloud.outputs, OUTPUT.streamsTable))
  const { shards } = await store.head(executionRef({ tenant: TENANT, executionId })).finally(() => client.destroy())
  return shards
}

/** What went wrong, in words; empty when nothing did. */
export function brokenInCrowd({ viewers, whole, shards }: CrowdResult): string[] {
  return [
    ...(whole < viewers ? [`${viewers - whole} of ${viewers} viewers do not have the whole reply`] : []),
    ...(viewers > VIEWERS_PER_SHARD && shards === 0 ? ['nobody was served by a shard'] : []),
  ]
}
