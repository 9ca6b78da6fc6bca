import { dispatchMessage } from '#shared/executions/dispatch-message.ts'
import { runExecution } from '#shared/executions/run-execution.ts'
import { submitExecution } from '#shared/executions/submit-execution.ts'
import { publishMessage } from '#shared/messaging/publish-message.ts'
import { newId } from '#shared/platform/ids.ts'
import { executionChannel } from '#shared/protocol/channel.ts'
import type { ClientFrame, ServerFrame } from '#shared/protocol/socket-frame.ts'
import type { StreamEvent } from '#shared/protocol/stream-event.ts'
import { receive } from '../../functions/socket/receive.ts'
import { awsCalls } from './aws-calls.ts'
import type { BenchRoom } from './bench-room.ts'
import { CONTENT, type Counted, counted, INVOCATION, prepare, type ReplyCount, requireWholeReply } from './counted.ts'
import type { Calls } from './meter.ts'
import type { MeteredDependencies } from './metered-dependencies.ts'

/**
 * Counts a reply from the request to the last frame: one caller asks by HTTP, the viewers subscribe by a frame on sockets that are open
 * already, one worker runs the execution.
 */
export async function countReply(room: BenchRoom, viewers: number): Promise<ReplyCount> {
  const connectionIds = Array.from({ length: viewers }, () => newId())
  const agentId = await prepare(room, connectionIds)
  return counted(room, async ({ meter, poster, dependencies }) => {
    const request = { agentId, input: { content: CONTENT } }
    const { tenant, executionId } = await submitExecution(dependencies, room.principal, request)
    awsCalls(meter).httpRequest(JSON.stringify(request))
    for (const connectionId of connectionIds) await subscribe({ meter, dependencies }, connectionId, executionId)

    const item = { tenant, executionId, agentId }
    const began = performance.now()
    const result = await runExecution(dependencies, item, INVOCATION)
    const runMs = performance.now() - began
    if (result !== 'ended') throw new Error(`the execution is ${result}`)
    awsCalls(meter).queueDelivery(JSON.stringify(item), { fair: true })
    for (const connectionId of connectionIds) {
      awsCalls(meter).openSocket(runMs)
      requireWholeReply(eventsIn(poster.framesOf(connectionId)))
    }
    return { viewers, posts: poster.posts(), calls: meter.calls(), runMs }
  })
}

/** Counts what a message adds that comes by a topic with one agent and no viewers: all calls up to the work queue. */
export async function countTopicDoor(room: BenchRoom): Promise<Calls> {
  const topic = `bench-${newId()}`
  await prepare(room, [], [topic])
  return counted(room, async ({ meter, dependencies }) => {
    let sent = ''
    const bus: MeteredDependencies['bus'] = {
      ...dependencies.bus,
      async publish(message) {
        await dependencies.bus.publish(message)
        sent = JSON.stringify(message)
        awsCalls(meter).busDelivery(sent)
        awsCalls(meter).queueDelivery(sent, { fair: false })
        await dispatchMessage(dependencies, message)
      },
    }
    const message = { data: { content: CONTENT } }
    awsCalls(meter).httpRequest(JSON.stringify(message))
    await publishMessage({ ...dependencies, bus }, room.principal, topic, message)
    return meter.calls()
  })
}

async function subscribe(
  { meter, dependencies }: Pick<Counted, 'meter' | 'dependencies'>,
  connectionId: string,
  executionId: string,
): Promise<void> {
  const frame: ClientFrame = {
    message_type: 'subscribe',
    id: '1',
    payload: { channel: executionChannel(executionId), after: -1 },
  }
  const body = JSON.stringify(frame)
  awsCalls(meter).socketFrame(body)
  await receive(dependencies, { connectionId, body, origin: {} }, AbortSignal.timeout(10_000))
}

/** The events that stand in a viewer's frames. */
const eventsIn = (frames: string[]): StreamEvent[] =>
  frames
    .map((frame): ServerFrame => JSON.parse(frame))
    .flatMap((frame) => (frame.message_type === 'realtime_event' ? frame.payload.events : []))
