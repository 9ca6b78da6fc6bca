import type { QueueDepth, QueueDepths } from './queue-depths.ts'

export const memoryQueueDepths = (queues: readonly QueueDepth[] = []): QueueDepths => ({ list: async () => [...queues] })
