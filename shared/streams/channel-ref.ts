import { executionChannel } from '#shared/protocol/channel.ts'

/** A channel of one tenant, by the names of `channel.ts`: `execution:<id>`, `topic:<name>`, `agent:<id>`, `workflow:<id>` or `all`. */
export type ChannelRef = { tenant: string; channel: string }

/** The channel of an execution's stream. */
export const executionRef = ({ tenant, executionId }: { tenant: string; executionId: string }): ChannelRef => ({
  tenant,
  channel: executionChannel(executionId),
})
