import type { QueueDepth, QueueDepths } from './queue-depths.ts'

/** Depths that a test says. */
export const memoryQueueDepths = (queues: readonly QueueDepth[] = []): QueueDepths => ({ list: async () => [...queues] })
