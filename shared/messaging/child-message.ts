import { SluiceError } from '#shared/platform/errors.ts'
import type { Envelope } from '#shared/protocol/envelope.ts'
import { MAX_DEPTH } from '#shared/protocol/limits.ts'
import type { Message } from './message.ts'

/** The execution that sends a message. */
export type Parent = Chain & { tenant: string; executionId: string }

/** Where an execution stands among those that asked for each other. */
type Chain = {
  source?: string | undefined
  rootId?: string | undefined
  rootSource?: string | undefined
  depth?: number | undefined
}

/**
 * A message that an execution sends, with its place in the chain: agents that send to each other in a circle come to an end, and whoever asked first
 * is known.
 *
 * @throws SluiceError `depth_exceeded` when the chain would be longer than {@link MAX_DEPTH}
 */
export function childMessage(
  { tenant, executionId, rootId = executionId, depth = 0, ...parent }: Parent,
  envelope: Envelope,
): Message {
  const child = { ...envelope, parentId: executionId, rootId, depth: depth + 1 }
  requireDepth(child)
  return { tenant, envelope: child, rootSource: rootSourceOf(parent) }
}

/** Who asked first, as the platform knows it: the caller of the execution that its chain began with. */
export const rootSourceOf = ({ source, rootSource = source }: Pick<Chain, 'source' | 'rootSource'>): string | undefined =>
  rootSource

/**
 * How many executions stand before the one of a message. Whoever names a parent has at least that one, whatever the message says.
 */
export const depthOf = ({ parentId, depth = 0 }: Pick<Envelope, 'parentId' | 'depth'>): number =>
  Math.max(depth, parentId === undefined ? 0 : 1)

/** @throws SluiceError `depth_exceeded` when a message stands too deep in its chain */
export function requireDepth(envelope: Pick<Envelope, 'parentId' | 'rootId' | 'depth'>): void {
  if (depthOf(envelope) <= MAX_DEPTH) return
  const began = envelope.rootId === undefined ? '' : ` that began with "${envelope.rootId}"`
  throw new SluiceError(
    'depth_exceeded',
    `the chain of executions${began} is longer than ${MAX_DEPTH}: go on with what is known, and ask or send to nobody else`,
  )
}
