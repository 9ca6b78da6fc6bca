import { expect, it } from 'vitest'
import type { StreamEvent, TopicEvent } from '#shared/protocol/stream-event.ts'
import { createChannelStream } from '../../../web/client/channel-stream.ts'
import { createExecutionStream } from '../../../web/client/execution-stream.ts'
import { NO_STATS } from '../../../web/client/stream-status.ts'
import { createFollowedStreams, nameOf } from '../../../web/console/followed-streams.ts'

const subscribe = () => ({ stats: NO_STATS, leave: () => undefined })
const isMessage = (event: StreamEvent): event is TopicEvent => event.type === 'message'
const channelStream = (channel: string) => createChannelStream(channel, subscribe, isMessage, {})
const executionStream = (executionId: string) => {
  const cancel = () => Promise.reject(new Error('nothing runs here'))
  return createExecutionStream(executionId, { subscribe, async *readEvents() {}, cancel }, {})
}

it('remembers executions and channels by their names, the newest first', () => {
  const followed = createFollowedStreams()
  for (const stream of [channelStream('all'), executionStream('e-1'), channelStream('topic:questions')]) followed.add(stream)

  expect(followed.streams.map(nameOf)).toEqual(['topic:questions', 'e-1', 'all'])
})

it('shows a channel that is followed anew once', () => {
  const followed = createFollowedStreams()
  const again = channelStream('all')
  for (const stream of [channelStream('all'), channelStream('topic:questions'), again]) followed.add(stream)

  expect(followed.streams.map(nameOf)).toEqual(['all', 'topic:questions'])
  expect(followed.streams[0]).toBe(again)
})

it('forgets the oldest, and tells of each one', () => {
  const followed = createFollowedStreams()
  let told = 0
  const stop = followed.onChange(() => {
    told += 1
  })
  for (let number = 1; number <= 9; number += 1) followed.add(executionStream(`e-${number}`))
  stop()
  followed.add(executionStream('e-10'))

  expect(followed.streams.map(nameOf)).toEqual(['e-10', 'e-9', 'e-8', 'e-7', 'e-6', 'e-5', 'e-4', 'e-3'])
  expect(told).toBe(9)
})
