/** One execution that waits for a worker. */
export type WorkItem = {
  tenant: string
  executionId: string
  /** Lets the worker read the agent while it takes the lease; the execution's own record decides. */
  agentId?: string | undefined
}

/** Queue of the executions that may start. At least once, in no order. */
export type WorkQueue = {
  /** @throws SluiceError `unavailable` when the queue did not accept it */
  send(item: WorkItem): Promise<void>
}
