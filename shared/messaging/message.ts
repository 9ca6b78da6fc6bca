import type { Envelope } from '#shared/protocol/envelope.ts'

/** An accepted message and whose it is. */
export type Message = { tenant: string; envelope: Envelope }
