/** What a live page shows, the newest last. While it is paused, what comes waits. */
export interface LiveLog<Event> {
  readonly shown: readonly Event[]
  readonly waiting: readonly Event[]
  readonly paused: boolean
}

/** Events a page keeps; older ones drop out. */
export const MAX_EVENTS = 500

export const EMPTY_LOG: LiveLog<never> = { shown: [], waiting: [], paused: false }

export function addEvents<Event>(log: LiveLog<Event>, events: readonly Event[]): LiveLog<Event> {
  const part = log.paused ? 'waiting' : 'shown'
  return { ...log, [part]: [...log[part], ...events].slice(-MAX_EVENTS) }
}

export function togglePause<Event>({ shown, waiting, paused }: LiveLog<Event>): LiveLog<Event> {
  if (!paused) return { shown, waiting, paused: true }
  return { shown: [...shown, ...waiting].slice(-MAX_EVENTS), waiting: [], paused: false }
}
