/** Where a message goes that can never be handled: its body as it came, and why. */
export type DeadLetterQueue = {
  send(body: string, reason: { code: string; detail: string }): Promise<void>
}
