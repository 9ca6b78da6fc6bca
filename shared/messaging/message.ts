import type { Envelope } from '../protocol/envelope.ts'

/** An accepted message and whose it is. */
export type Message = { tenant: string; envelope: Envelope }
