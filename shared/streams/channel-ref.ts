/** A channel of one tenant: `execution:<id>` or `topic:<name>`. */
export type ChannelRef = { tenant: string; channel: string }
