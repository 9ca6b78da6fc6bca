/** Calls back when a page comes back to life: visible again, or online again. Does nothing outside a page. Returns its undoing. */
export function onPageWake(callback: () => void): () => void {
  if (typeof document === 'undefined') return () => undefined
  const stop = new AbortController()
  const onVisibility = (): void => {
    if (document.visibilityState === 'visible') callback()
  }
  document.addEventListener('visibilitychange', onVisibility, { signal: stop.signal })
  window.addEventListener('online', callback, { signal: stop.signal })
  return () => stop.abort()
}
