import { ApiGatewayManagementApiClient, GoneException, PostToConnectionCommand } from '@aws-sdk/client-apigatewaymanagementapi'
import { secretLlmProviders } from '#shared/llm/secret-llm-providers.ts'
import { connectionsEndpoint } from '#shared/platform/connections-endpoint.ts'
import { memorySecretStore } from '#shared/platform/memory-secret-store.ts'
import { OUTPUT, platformName, serviceSecretName } from '#shared/platform/names.ts'
import { clientOptions } from '../../../localstack/aws-clients.ts'
import { output } from '../../../localstack/deploy/outputs.ts'
import { awsCalls } from '../../counts/aws-calls.ts'
import { socketMessages } from '../../counts/billing-rules.ts'
import { type Calls, costOfCalls, createMeter } from '../../counts/meter.ts'
import type { Peer, PeerScene } from './peer.ts'
import { openRawViewer, type RawViewer, type TextFrame } from './raw-viewer.ts'

const SERVICE = 'bench-peers'
const ANSWER_MS = 60_000
/** Time for the last frame to arrive, in milliseconds. */
const SETTLE_MS = 500

/**
 * A function that posts what the model says to the connection that asked, as it comes, and keeps nothing: one post per token as in the
 * samples for API Gateway, or one for all that came within a window.
 *
 * @param windowMs - 0 for one post per token
 */
export function postingPeer(name: string, windowMs: number, scene: PeerScene): Peer {
  const { cloud, clock, content } = scene
  const api = new ApiGatewayManagementApiClient({
    ...clientOptions(cloud),
    endpoint: connectionsEndpoint({
      apiId: output(cloud.outputs, OUTPUT.socketApiId),
      region: cloud.region,
      endpointUrl: cloud.endpointUrl,
    }),
  })
  const platform = platformName('local')
  const secret = JSON.stringify({ apiKey: 'bench', baseUrl: clock.url })
  const providers = secretLlmProviders({
    secrets: memorySecretStore({ [serviceSecretName(platform, SERVICE)]: secret }),
    platform,
  })
  let counted: { posts: number; calls: Calls } | undefined

  /** False when the connection is gone. */
  async function posted(ConnectionId: string, Data: string): Promise<boolean> {
    try {
      await api.send(new PostToConnectionCommand({ ConnectionId, Data }))
      return true
    } catch (error) {
      if (error instanceof GoneException) return false
      throw error
    }
  }

  async function run(viewer: RawViewer, onText: (text: string) => void = () => undefined): Promise<string> {
    const meter = createMeter()
    const began = performance.now()
    awsCalls(meter).socketFrame(content)
    let [posts, whole, gathered, lastPost] = [0, '', '', 0]
    const post = async (): Promise<void> => {
      const frame = JSON.stringify({ text: gathered } satisfies TextFrame)
      gathered = ''
      lastPost = performance.now()
      if (!(await posted(viewer.connectionId, frame))) return
      posts += 1
      meter.record('API Gateway', 'PostToConnection', { socketMessages: socketMessages(Buffer.byteLength(frame)) })
    }
    const provider = await providers.open({ provider: 'openai', model: 'scripted', service: SERVICE })
    const request = { model: 'scripted', messages: [{ role: 'user' as const, content }] }
    for await (const event of provider.stream(request, AbortSignal.timeout(ANSWER_MS))) {
      if (event.type !== 'text') continue
      whole += event.text
      gathered += event.text
      onText(whole)
      if (performance.now() - lastPost >= windowMs) await post()
    }
    if (gathered !== '') await post()
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS))
    awsCalls(meter).openSocket(performance.now() - began)
    counted = { posts, calls: meter.calls() }
    return whole
  }

  return {
    name,
    async answer() {
      const viewer = await openRawViewer(cloud)
      await run(viewer).finally(viewer.close)
      return { emissions: clock.last(), arrivals: viewer.arrivals }
    },
    async answerOverBreak() {
      const before = counted
      const viewer = await openRawViewer(cloud)
      let again: Promise<RawViewer> | undefined
      const whole = await run(viewer, () => {
        if (clock.last().length < scene.tokens / 2 || again !== undefined) return
        viewer.close()
        again = openRawViewer(cloud)
      })
      counted = before
      const next = await again
      next?.close()
      return { text: viewer.text() + (next?.text() ?? ''), whole }
    },
    async count() {
      if (!counted) throw new Error('nothing was answered yet')
      return { posts: counted.posts, costUsd: costOfCalls(counted.calls) }
    },
    close: () => api.destroy(),
  }
}
