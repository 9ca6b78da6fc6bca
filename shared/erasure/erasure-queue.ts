/** Starts an invocation that goes on with an erasure. */
export type ErasureQueue = {
  /** @param delaySeconds - 0 to 900; 0 when absent */
  send(erasureId: string, delaySeconds?: number): Promise<void>
}
