import { sleep } from '#shared/platform/clock.ts'

export type WaitOptions = {
  timeoutMs: number
  intervalMs?: number
  signal?: AbortSignal | undefined
}

/**
 * Asks again and again until the answer is yes.
 *
 * @returns false when the time was up first
 */
export async function waitUntil(probe: () => boolean | Promise<boolean>, options: WaitOptions): Promise<boolean> {
  const deadline = Date.now() + options.timeoutMs
  while (Date.now() < deadline) {
    if (await probe()) return true
    await sleep(options.intervalMs ?? 50, options.signal)
  }
  return false
}

/** Whether something answers HTTP at this address, whatever it says. */
export async function answersHttp(url: string, timeoutMs = 1_000): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) })
    await response.body?.cancel()
    return true
  } catch {
    return false
  }
}
