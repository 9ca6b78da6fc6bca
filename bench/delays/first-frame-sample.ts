import type { Client } from '../../web/client/index.ts'
import type { ModelStopwatch, ModelTimes } from './model-stopwatch.ts'
import { epochMs } from './statistics.ts'

/**
 * How long the model takes for its first token, in milliseconds. `thinking` is a quick one's time, in which the viewer's subscription comes
 * about unnoticed. With an `instant` model the whole answer is in the log before the client knows the execution's id, so the subscription and
 * its replay count as well.
 */
export const MODEL_PAUSES = { thinking: 250, instant: 0 }

export type ModelPause = keyof typeof MODEL_PAUSES

const PATIENCE_MS = 30_000

/** Where the time to the first frame went, in milliseconds. Together they are the time from the request to the first frame. */
export type FirstFrameParts = {
  /** Request sent by the client → accepted: front door, HTTP API, function, token, validation, agent. */
  door: number
  /** Accepted → a worker looks at it: record stored, work queued, received, function invoked. */
  queue: number
  /** → model asked: lease, agent, first entry of the log, secret, request. */
  start: number
  /** → first token. Not ours. */
  model: number
  /** → in the log, and the viewers known: what is left between the two parts beside it. */
  log: number
  /** → first frame in the client. */
  post: number
}

type Stamps = { sentAt: number; acceptedAt: number; startedAt: number; model: ModelTimes; arrivedAt: number }

/**
 * Asks an agent as a browser does, and takes the time of the first frame that has a word in it.
 *
 * @param options.postMs - what a post takes, measured on the bare path: from outside the log and the post cannot be told apart
 */
export async function sampleFirstFrame(
  client: Client,
  agentId: string,
  stopwatch: ModelStopwatch,
  { pause, postMs }: { pause: ModelPause; postMs: number },
): Promise<FirstFrameParts> {
  const signal = AbortSignal.timeout(PATIENCE_MS)
  const content = `Hello? [[tokens=20 rate=100 delay=${MODEL_PAUSES[pause]}]]`
  const sentAt = epochMs()
  const stream = await client.run(agentId, content, { signal })
  let arrivedAt = 0
  for await (const event of stream) if (event.type === 'content_chunk') arrivedAt ||= epochMs()
  const { createdAt, startedAt } = await client.getExecution(stream.executionId, { signal })
  if (arrivedAt === 0 || startedAt === undefined) throw new Error(`the execution ${stream.executionId} gave no answer`)
  const stamps = {
    sentAt,
    acceptedAt: Date.parse(createdAt),
    startedAt: Date.parse(startedAt),
    model: stopwatch.last(),
    arrivedAt,
  }
  return partsOf(stamps, postMs)
}

export function partsOf({ sentAt, acceptedAt, startedAt, model, arrivedAt }: Stamps, postMs: number): FirstFrameParts {
  const delivery = arrivedAt - model.firstTokenAt
  return {
    door: acceptedAt - sentAt,
    queue: startedAt - acceptedAt,
    start: model.askedAt - startedAt,
    model: model.firstTokenAt - model.askedAt,
    log: Math.max(0, delivery - postMs),
    post: Math.min(delivery, postMs),
  }
}

/** From the accepted request to the first frame, without the model. */
export const platformDelay = ({ queue, start, log, post }: FirstFrameParts): number => queue + start + log + post
