import type { Envelope } from '#shared/protocol/envelope.ts'

/** An accepted message and whose it is. */
export type Message = {
  tenant: string
  envelope: Envelope
  /** Who asked first in the chain of a message that an execution sends. No part of the envelope: nobody can say it, and topics do not show it. */
  rootSource?: string | undefined
}
