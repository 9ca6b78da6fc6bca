import { platformName, serviceSecretName } from '#shared/platform/names.ts'
import { secretsManagerClient } from '../../../localstack/aws-clients.ts'
import type { LocalCloud } from '../../../localstack/local-cloud.ts'
import { putSecret } from '../../../localstack/secrets.ts'
import { openBenchRoom } from '../../counts/bench-room.ts'
import { countDirectReply } from '../../counts/count-direct-reply.ts'
import { countReply } from '../../counts/count-reply.ts'
import { CONTENT, REPLY } from '../../counts/counted.ts'
import { costOfCalls } from '../../counts/meter.ts'
import { describeMachine, type Machine } from '../../machine.ts'
import { type PeerTimes, summariseTimes, timesOf } from './delivery.ts'
import type { Peer, PeerScene } from './peer.ts'
import { postingPeer } from './posting-peer.ts'
import { productPeer } from './product-peer.ts'
import { type RenderedRow, renderInChromium } from './render-in-chromium.ts'
import { startTokenClock } from './token-clock.ts'

const AGENT_ID = 'bench-peers'
const SERVICE = 'bench-peers'
/** The first answer fills caches and connections, and is not counted. */
const WARM_UP = `Tell me a little. [[tokens=20 rate=${REPLY.tokensPerSecond}]]`

/** How one peer brought the reply of the budgets to one reader. */
export type PeerRow = PeerTimes & {
  name: string
  postsPerReply: number
  costPerReplyUsd: number
  /** What a reader has in the end whose connection broke in the middle. */
  afterReconnect: 'whole' | `lost ${number} chars`
}

export type PeersResult = { machine: Machine; measuredOn: string; samples: number; peers: PeerRow[]; rendered: RenderedRow[] }

/** Measures all peers in turns, so that whatever else the machine does falls on all of them. */
export async function measurePeers(cloud: LocalCloud, samples: number, tell: (line: string) => void): Promise<PeersResult> {
  const clock = await startTokenClock(cloud.scriptedLlm.url)
  const room = await openBenchRoom(cloud, cloud.outputs, cloud.scriptedLlm.url)
  const scene: PeerScene = { cloud, clock, content: CONTENT, tokens: REPLY.tokens }
  await registerAgent(cloud, clock.url)
  const viaSocket = { direct: false, agentId: AGENT_ID, count: () => countReply(room, 1).then(priced) }
  const inAnswer = { direct: true, agentId: AGENT_ID, count: () => countDirectReply(room).then(priced) }
  const makers = [
    (at: PeerScene) => postingPeer('one post per token', 0, at),
    (at: PeerScene) => postingPeer('40 ms frames', 40, at),
    (at: PeerScene) => productPeer('sluice, socket', viaSocket, at),
    (at: PeerScene) => productPeer('sluice, direct run', inAnswer, at),
  ]
  try {
    const rows: PeerRow[] = []
    for (const make of makers) {
      const warm = make({ ...scene, content: WARM_UP })
      await warm.answer().finally(warm.close)
      const peer = make(scene)
      rows.push(await measure(peer, samples, tell).finally(peer.close))
    }
    const rendered = await renderInChromium({ cloud, agentId: AGENT_ID, content: CONTENT, samples, tell })
    const machine = await describeMachine(cloud.endpointUrl)
    return { machine, measuredOn: new Date().toISOString().slice(0, 10), samples, peers: rows, rendered }
  } finally {
    await room.close()
    await clock.close()
  }
}

async function measure(peer: Peer, samples: number, tell: (line: string) => void): Promise<PeerRow> {
  const times = []
  for (let done = 0; done < samples; done++) {
    tell(`${peer.name}: reply ${done + 1} of ${samples}`)
    times.push(timesOf(await peer.answer()))
  }
  tell(`${peer.name}: a connection that breaks`)
  const { text, whole } = await peer.answerOverBreak()
  tell(`${peer.name}: posts and price`)
  const { posts, costUsd } = await peer.count()
  return {
    name: peer.name,
    postsPerReply: posts,
    costPerReplyUsd: Math.round(costUsd * 1e9) / 1e9,
    ...summariseTimes(times),
    afterReconnect: text === whole ? 'whole' : `lost ${whole.length - text.length} chars`,
  }
}

const priced = ({ posts, calls }: { posts: number; calls: Parameters<typeof costOfCalls>[0] }) => ({
  posts,
  costUsd: costOfCalls(calls),
})

async function registerAgent(cloud: LocalCloud, modelUrl: string): Promise<void> {
  const secrets = secretsManagerClient(cloud)
  const secret = JSON.stringify({ apiKey: 'bench', baseUrl: modelUrl })
  await putSecret(secrets, serviceSecretName(platformName('local'), SERVICE), secret).finally(() => secrets.destroy())
  const llm = { provider: 'openai', model: 'scripted', service: SERVICE }
  const response = await fetch(`${cloud.frontDoorUrl}/v1/agents`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await cloud.token()}`, 'content-type': 'application/json' },
    body: JSON.stringify({ agentId: AGENT_ID, name: 'Bench', llm, autoStart: true }),
    signal: AbortSignal.timeout(30_000),
  })
  if (!response.ok) throw new Error(`the agent was refused (${response.status}): ${await response.text()}`)
}
