import { executionChannel } from '#shared/protocol/channel.ts'
import { isTerminalEvent } from '#shared/protocol/terminal-events.ts'
import { equal, must, rulesOf, shown } from '../rule.ts'
import type { FrameSocket } from '../socket.ts'
import { inOrder, wholeStream } from '../whole-stream.ts'

const subscribe = (executionId: string, id: string, after?: number) => ({
  message_type: 'subscribe',
  id,
  payload: { channel: executionChannel(executionId), ...(after !== undefined && { after }) },
})

/** Two round trips behind it, whatever was on its way has come. */
async function settle(socket: FrameSocket): Promise<void> {
  for (const id of ['settle-1', 'settle-2'])
    await socket.ask({ message_type: 'unsubscribe', id, payload: { topic: 'nothing' } }, 'unsubscription_confirmed')
}

export const SUBSCRIBE_RULES = rulesOf('subscribe', {
  'subscription_confirmed comes before the first realtime_event and answers with response_to': async (visit) => {
    const { executionId, events } = await visit.ended()
    const socket = await visit.socket()
    const { subscription, channel } = await socket.ask(subscribe(executionId, 's1'), 'subscription_confirmed')
    equal(channel, executionChannel(executionId), 'the channel')
    await socket.untilEvents(subscription, events.length)
    const types = socket.frames().map((frame) => frame.message_type)
    must(types.indexOf('subscription_confirmed') < types.indexOf('realtime_event'), `the frames came as ${shown(types)}`)
  },

  'a running execution is sent from its start, in order, without a gap, to a true terminal event': async (visit) => {
    const executionId = await visit.ask()
    const socket = await visit.socket()
    const { subscription, after } = await socket.ask(subscribe(executionId, 's1'), 'subscription_confirmed')
    equal(after, -1, 'the cursor')
    wholeStream(await socket.untilEvents(subscription, Number.POSITIVE_INFINITY))
  },

  'events start at after + 1 of subscription_confirmed, whatever the cursor': async (visit) => {
    const { executionId, events } = await visit.ended()
    const socket = await visit.socket()
    for (const after of [0, Math.floor(events.length / 2), events.length - 2]) {
      const confirmed = await socket.ask(subscribe(executionId, `s${after}`, after), 'subscription_confirmed')
      equal(confirmed.after, after, 'the cursor')
      const came = await socket.untilEvents(confirmed.subscription, events.length)
      equal(inOrder(came, after), events.length - 1, 'the last sequence')
    }
  },

  'after the terminal event the subscription is over, and nothing follows': async (visit) => {
    const { executionId, events } = await visit.ended()
    const socket = await visit.socket()
    const { subscription } = await socket.ask(subscribe(executionId, 's1'), 'subscription_confirmed')
    await socket.untilEvents(subscription, events.length)
    await settle(socket)
    equal(socket.eventsOf(subscription).filter(isTerminalEvent).length, 1, 'the number of terminal events')
    wholeStream(socket.eventsOf(subscription))
  },

  'who has everything is confirmed and gets nothing again': async (visit) => {
    const { executionId, events } = await visit.ended()
    const socket = await visit.socket()
    const { subscription } = await socket.ask(subscribe(executionId, 's1', events.length - 1), 'subscription_confirmed')
    await settle(socket)
    equal(socket.eventsOf(subscription), [], 'what came')
  },

  'subscribing again replaces the subscription, with a new id': async (visit) => {
    const executionId = await visit.ask(visit.longQuestion)
    const socket = await visit.socket()
    const first = await socket.ask(subscribe(executionId, 's1'), 'subscription_confirmed')
    await socket.untilEvents(first.subscription, 3)
    const second = await socket.ask(subscribe(executionId, 's2', 0), 'subscription_confirmed')
    must(first.subscription !== second.subscription, 'both subscriptions have one id')
    const came = await socket.untilEvents(second.subscription, Number.POSITIVE_INFINITY)
    inOrder(came, 0)
    inOrder(socket.eventsOf(first.subscription), -1)
  },

  'unsubscribe is confirmed, and ends the subscription': async (visit) => {
    const executionId = await visit.ask(visit.longQuestion)
    const socket = await visit.socket()
    const { subscription, channel } = await socket.ask(subscribe(executionId, 's1'), 'subscription_confirmed')
    await socket.untilEvents(subscription, 1)
    const confirmed = await socket.ask(
      { message_type: 'unsubscribe', id: 'u1', payload: { channel } },
      'unsubscription_confirmed',
    )
    equal(confirmed, { channel }, 'the confirmation')
    must(!socket.eventsOf(subscription).some(isTerminalEvent), 'the answer was over before: ask a longer question')
    const watcher = await visit.socket()
    const watched = await watcher.ask(subscribe(executionId, 'w1'), 'subscription_confirmed')
    await watcher.untilEvents(watched.subscription, Number.POSITIVE_INFINITY)
    await settle(socket)
    must(!socket.eventsOf(subscription).some(isTerminalEvent), 'the events went on to the end')
  },

  'what does not exist, or belongs to another tenant, is not_found': async (visit) => {
    const socket = await visit.socket()
    const channels = [executionChannel(visit.fresh('none')), `agent:${visit.fresh('none')}`]
    for (const channel of channels) {
      socket.send({ message_type: 'subscribe', id: channel, payload: { channel } })
      const { payload } = await socket.answer('error', channel)
      equal(payload.code, 'not_found', `the code for ${channel}`)
    }
  },

  'packed events stand for all of their range, and say the same as the unpacked': async (visit) => {
    const { executionId, events } = await visit.ended()
    const socket = await visit.socket()
    const frame = { ...subscribe(executionId, 's1'), payload: { channel: executionChannel(executionId), snapshot: true } }
    const { subscription } = await socket.ask(frame, 'subscription_confirmed')
    const packed = await socket.untilEvents(subscription, events.length)
    equal(wholeStream(packed), wholeStream(events), 'the text')
    must(packed.length < events.length, `${packed.length} events came for ${events.length}: nothing is packed`)
  },
})
