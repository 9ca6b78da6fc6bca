/**
 * Calls back when a page comes back to life, visible again or online again, and when it goes offline. Does nothing outside a page.
 * Returns its undoing.
 */
export function onPageChange(callback: () => void): () => void {
  if (typeof document === 'undefined') return () => undefined
  const stop = new AbortController()
  const { signal } = stop
  const onVisibility = (): void => {
    if (!document.hidden) callback()
  }
  document.addEventListener('visibilitychange', onVisibility, { signal })
  for (const type of ['online', 'offline']) window.addEventListener(type, callback, { signal })
  return () => stop.abort()
}

/** True when the device says that it has no network; false also where nobody knows. */
export function isOffline(): boolean {
  return globalThis.navigator?.onLine === false
}
