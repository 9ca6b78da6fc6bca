import type { ChannelKind } from '#shared/protocol/channel.ts'
import type { Scope } from '#shared/protocol/scopes.ts'

/** What a channel tells, and so the scopes that following it takes, at every door. */
export const CHANNEL_SCOPES: Record<ChannelKind, readonly Scope[]> = {
  execution: ['executions:read'],
  topic: ['topics:read'],
  agent: ['agents:read', 'executions:read'],
  workflow: ['agents:read', 'executions:read'],
  all: ['agents:read', 'executions:read'],
}
