/** A queue of the platform, and about how many messages are in it. */
export type QueueDepth = {
  /** As SQS knows it. */
  name: string
  /** What it is for; `agent-<id>` for the work of an agent in code. */
  purpose: string
  /** Whether it keeps what could not be handled. */
  deadLetters: boolean
  /** Messages that wait, that somebody works on, and that are not to be seen yet. */
  visible: number
  inFlight: number
  delayed: number
}

/** Looks at the queues of the stage, which all tenants share. */
export type QueueDepths = {
  /** @throws SluiceError `unavailable` when a queue does not answer */
  list(): Promise<QueueDepth[]>
}
