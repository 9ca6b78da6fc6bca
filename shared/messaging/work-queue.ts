/** One execution that waits for a worker. */
export type WorkItem = {
  tenant: string
  executionId: string
  /** Lets the worker read the agent while it takes the lease; the execution's own record decides. */
  agentId?: string | undefined
  /** The declared agent whose own queue takes it; the shared queue when absent. */
  worker?: string | undefined
  /** It has no slot yet, since it waited for its next attempt: the worker takes one first, or puts it into the mailbox. */
  admit?: boolean | undefined
}

/** Asks the worker of an agent how the agent is; no execution is run for it. */
export type ProbeItem = {
  tenant: string
  agentId: string
  probe: true
  /** The declared agent whose own queue takes it; the shared queue when absent. */
  worker?: string | undefined
}

/** Has the function of a declared agent register it: nobody else knows what its code says. */
export type RegisterItem = { tenant: string; agentId: string; register: true }

/** Longest delay of a message (SQS quota), in seconds. */
export const MAX_DELAY_SECONDS = 900

/** Queues of the executions that may start. At least once, in no order. */
export type WorkQueue = {
  /**
   * @param delaySeconds - whole seconds before a worker can see it, at most {@link MAX_DELAY_SECONDS}
   * @throws SluiceError `unavailable` when the queue did not accept it
   */
  send(item: WorkItem, delaySeconds?: number): Promise<void>
  /** @throws SluiceError `unavailable` when the queue did not accept it */
  probe(item: ProbeItem): Promise<void>
  /** To the queue of the declared agent. @throws SluiceError `unavailable` when the queue did not accept it */
  register(item: RegisterItem): Promise<void>
}
