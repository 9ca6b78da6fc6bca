/**
 * Waits for a promise until the signal aborts. The work behind the promise is not stopped by that.
 *
 * @throws the signal's reason when it aborts first
 */
export async function unlessAborted<Result>(promise: Promise<Result>, signal: AbortSignal): Promise<Result> {
  const aborted = Promise.withResolvers<never>()
  const onAbort = (): void => aborted.reject(signal.reason)
  if (signal.aborted) onAbort()
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([promise, aborted.promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
    // Whichever comes second is nobody's error.
    promise.catch(() => undefined)
  }
}
