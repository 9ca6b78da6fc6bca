import { createClient, type ExecutionStream } from '../../../web/client/index.ts'
import { epochMs } from '../../delays/statistics.ts'
import { breakableNetwork } from './breakable-network.ts'
import type { Arrival, Delivery } from './delivery.ts'
import type { Peer, PeerScene } from './peer.ts'

const ANSWER_MS = 60_000

/**
 * The deployed product with its own client, the way of a page: asked at the door and followed over the socket, or run in the answer itself.
 *
 * @param agentId - an agent whose model is behind the scene's clock
 * @param count - counts a reply
 */
export function productPeer(
  name: string,
  { direct, agentId, count }: { direct: boolean; agentId: string; count: Peer['count'] },
  { cloud, clock, content, tokens }: PeerScene,
): Peer {
  const network = breakableNetwork()
  let isBroken = false
  const client = createClient({ baseUrl: cloud.frontDoorUrl, token: () => cloud.token() })
  client.connect()

  const ask = (): Promise<ExecutionStream> =>
    client.run(agentId, content, { direct, pacing: false, signal: AbortSignal.timeout(ANSWER_MS) })

  async function follow(onText: (stream: ExecutionStream) => void): Promise<ExecutionStream> {
    const stream = await ask()
    const stop = stream.on({ text: () => onText(stream) })
    await stream.done.finally(stop)
    const { transport } = stream.stats
    if (transport !== (direct ? 'sse' : 'socket') && !isBroken) throw new Error(`the reply came on ${transport}`)
    return stream
  }

  return {
    name,
    async answer(): Promise<Delivery> {
      const arrivals: Arrival[] = []
      await follow((stream) => {
        if (stream.text.length > (arrivals.at(-1)?.chars ?? 0)) arrivals.push({ at: epochMs(), chars: stream.text.length })
      })
      return { emissions: clock.last(), arrivals }
    },
    async answerOverBreak() {
      const stream = await follow(() => {
        if (isBroken || clock.last().length < tokens / 2) return
        isBroken = true
        network.break()
      })
      const { text } = await stream.done
      const { output } = await client.getExecution(stream.executionId)
      return { text: stream.text === text ? stream.text : '', whole: output?.text ?? '' }
    },
    count,
    close() {
      client.close()
      network.restore()
    },
  }
}
