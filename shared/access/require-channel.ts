import { ForbiddenError } from '#shared/platform/errors.ts'
import { parseChannel } from '#shared/protocol/channel.ts'
import { CHANNEL_SCOPES } from './channel-scopes.ts'
import type { Principal } from './principal.ts'

type Follower = Pick<Principal, 'scopes' | 'onlyChannel'>

/**
 * The only way for a principal that is bound to one channel, which has no scope for anything else.
 *
 * @throws ForbiddenError when it may not follow the channel
 */
export function requireChannel(principal: Follower, channel: string): void {
  const { onlyChannel } = principal
  if (onlyChannel !== undefined && onlyChannel !== channel) throw new ForbiddenError('the ticket is for another channel')
  const missing = CHANNEL_SCOPES[parseChannel(channel).kind].find((scope) => !principal.scopes.includes(scope))
  if (missing) throw new ForbiddenError(`this needs the scope "${missing}"`)
}

/** Whether {@link requireChannel} lets it through. */
export function mayFollow({ scopes, onlyChannel }: Follower, channel: string): boolean {
  if (onlyChannel !== undefined && onlyChannel !== channel) return false
  return CHANNEL_SCOPES[parseChannel(channel).kind].every((scope) => scopes.includes(scope))
}
