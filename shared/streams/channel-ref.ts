import { executionChannel } from '#shared/protocol/channel.ts'

/** A channel of one tenant: `execution:<id>` or `topic:<name>`. */
export type ChannelRef = { tenant: string; channel: string }

/** The channel of an execution's stream. */
export const executionRef = ({ tenant, executionId }: { tenant: string; executionId: string }): ChannelRef => ({
  tenant,
  channel: executionChannel(executionId),
})
