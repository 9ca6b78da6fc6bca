const KEY = 'sluice.events.after'

/**
 * The cursor behind which the events page of this tab begins: what was shown before a reload is read again from the log, and then what
 * came meanwhile. Undefined before the first visit.
 */
export function loadStart(): number | undefined {
  const stored = sessionStorage.getItem(KEY)
  return stored === null ? undefined : Number(stored)
}

export function saveStart(after: number): void {
  sessionStorage.setItem(KEY, String(after))
}
