/** One attribute of a message; binary ones keep their bytes. */
export type LetterAttribute = {
  DataType?: string | undefined
  StringValue?: string | undefined
  BinaryValue?: Uint8Array | undefined
}

/** A message in a dead-letter queue, as it lies there. */
export type StoredLetter = {
  /** `ingress`, `work` or `agent-<id>`. */
  queue: string
  id: string
  /** Proves to the queue that we hold it. */
  receipt: string
  body: string
  /** Milliseconds since the epoch. */
  sentAt: number
  receiveCount: number
  attributes: Record<string, LetterAttribute>
}

/** What is needed to show a letter again. */
export type HeldLetter = Pick<StoredLetter, 'queue' | 'id' | 'receipt'>

/** How long a letter stays hidden from others when it was received, in seconds: longer than any search. */
export const HIDDEN_SECONDS = 30

/** The dead-letter queues that users look into. */
export type DeadLetters = {
  /** `ingress`, `work`, and `agent-<id>` for each declared agent. */
  readonly queues: readonly string[]
  /**
   * Some letters of a queue, hidden from others for {@link HIDDEN_SECONDS}; none when it has no others.
   *
   * @throws SluiceError `unavailable`, or the signal's reason
   */
  receive(queue: string, signal: AbortSignal): Promise<StoredLetter[]>
  /** Shows letters again at once. What fails shows itself when its time is up. */
  release(letters: readonly HeldLetter[]): Promise<void>
  /**
   * Sends a letter back to the queue where it failed, under its first id.
   *
   * @param tenant - whose it is: the group that fair queues tell apart
   * @throws SluiceError `unavailable`
   */
  sendBack(letter: StoredLetter, tenant: string): Promise<void>
  /** @throws SluiceError `unavailable` */
  remove(letter: StoredLetter): Promise<void>
}
