import { sleep } from '#shared/platform/clock.ts'
import { channelSender } from '#shared/streams/channel-sender.ts'
import { textDigest } from '#shared/streams/stream-text.ts'
import { streamWriter } from '#shared/streams/stream-writer.ts'
import { type Summary, summarise } from '../delays/statistics.ts'
import { senderWorld } from './sender-world.ts'

/** Numbers of viewers that are measured. */
export const CROWDS = [1, 100, 1_000]

const REPLY = { tokens: 1_000, tokensPerSecond: 100 }
const DRAIN_MS = 10_000

/** What a reply of 1,000 tokens in 10 s asks of whoever sends it: all in one process, the senders of shards too. */
export type SenderRow = {
  viewers: number
  posts: number
  /** From the log to the viewer, for the oldest event of each frame, in milliseconds. */
  delayMs: Summary
  /** Time of the processor, in milliseconds. */
  cpuMs: number
  /** Most memory above what was in use before, in megabytes. */
  memoryMb: number
  /** From the end in the log until the writer is done, in milliseconds: it waits for its own viewers. */
  drainMs: number
}

export async function measureSender(viewers: number): Promise<SenderRow> {
  const ref = { tenant: 'bench', channel: 'execution:bench' }
  const world = await senderWorld(ref, viewers)
  const sender = channelSender(world.dependencies, ref)
  const options = { ref, executionId: 'bench', agentId: 'bench', attempt: 1 }
  const writer = streamWriter({ ...world.dependencies, sender }, options)
  const before = process.memoryUsage().rss
  const cpu = process.cpuUsage()
  let most = before
  const began = performance.now()
  for (let token = 0; token < REPLY.tokens; token++) {
    writer.write({ type: 'content_chunk', data: { text: `token ${token} ` } })
    most = Math.max(most, process.memoryUsage().rss)
    await sleep(Math.max(0, began + ((token + 1) * 1_000) / REPLY.tokensPerSecond - performance.now()))
  }
  const events = await writer.takeRest([], ({ events, text }) => ({
    type: 'completed',
    data: { stopReason: 'end', events, sha256: textDigest(text) },
  }))
  await world.dependencies.log.append(ref, events)
  const ended = performance.now()
  await writer.ended(events)
  await sender.drain(writer.text(), AbortSignal.timeout(DRAIN_MS))
  const drainMs = Math.round(performance.now() - ended)
  await world.settled()

  const last = events.at(-1)?.sequence ?? -1
  if (world.whole(last) !== viewers)
    throw new Error(`${viewers - world.whole(last)} of ${viewers} viewers do not have the whole reply`)
  const { user, system } = process.cpuUsage(cpu)
  return {
    viewers,
    posts: world.posts(),
    delayMs: summarise(world.delays),
    cpuMs: Math.round((user + system) / 1_000),
    memoryMb: Math.round((most - before) / 2 ** 20),
    drainMs,
  }
}
