import { SluiceError } from '#shared/platform/errors.ts'
import type { Envelope } from '#shared/protocol/envelope.ts'
import { MAX_DEPTH } from '#shared/protocol/limits.ts'

/** The execution that sends a message. */
export type Parent = { executionId: string; rootId?: string | undefined; depth?: number | undefined }

/**
 * A message that an execution sends, with its place in the chain: agents that send to each other in a circle come to an end.
 *
 * @throws SluiceError `depth_exceeded` when the chain would be longer than {@link MAX_DEPTH}
 */
export function childMessage({ executionId, rootId = executionId, depth = 0 }: Parent, envelope: Envelope): Envelope {
  const child = { ...envelope, parentId: executionId, rootId, depth: depth + 1 }
  requireDepth(child)
  return child
}

/**
 * How many executions stand before the one of a message. Whoever names a parent has at least that one, whatever the message says.
 */
export const depthOf = ({ parentId, depth = 0 }: Pick<Envelope, 'parentId' | 'depth'>): number =>
  Math.max(depth, parentId === undefined ? 0 : 1)

/** @throws SluiceError `depth_exceeded` when a message stands too deep in its chain */
export function requireDepth(envelope: Pick<Envelope, 'parentId' | 'rootId' | 'depth'>): void {
  if (depthOf(envelope) <= MAX_DEPTH) return
  const began = envelope.rootId === undefined ? '' : ` that began with "${envelope.rootId}"`
  throw new SluiceError('depth_exceeded', `the chain of executions${began} is longer than ${MAX_DEPTH}`)
}
