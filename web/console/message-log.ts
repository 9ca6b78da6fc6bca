import type { TopicEvent } from '#shared/protocol/stream-event.ts'

/** Messages of a live page, newest first. While it is paused, new ones wait. */
export interface MessageLog {
  readonly shown: readonly TopicEvent[]
  readonly waiting: readonly TopicEvent[]
  readonly paused: boolean
}

/** Messages a page keeps; older ones drop out. */
export const MAX_MESSAGES = 500

export const EMPTY_LOG: MessageLog = { shown: [], waiting: [], paused: false }

export function addMessage(log: MessageLog, message: TopicEvent): MessageLog {
  if (log.paused) return { ...log, waiting: [message, ...log.waiting].slice(0, MAX_MESSAGES) }
  return { ...log, shown: [message, ...log.shown].slice(0, MAX_MESSAGES) }
}

export function togglePause({ shown, waiting, paused }: MessageLog): MessageLog {
  if (!paused) return { shown, waiting, paused: true }
  return { shown: [...waiting, ...shown].slice(0, MAX_MESSAGES), waiting: [], paused: false }
}
