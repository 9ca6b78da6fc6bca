import type { ErasureQueue } from './erasure-queue.ts'

/** A queue of one process, for tests: `sent` is what was sent, in order. */
export function memoryErasureQueue(): ErasureQueue & { readonly sent: { erasureId: string; delaySeconds: number }[] } {
  const sent: { erasureId: string; delaySeconds: number }[] = []
  return {
    sent,
    async send(erasureId, delaySeconds = 0) {
      sent.push({ erasureId, delaySeconds })
    },
  }
}
