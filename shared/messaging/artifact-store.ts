/** Payloads that are too large to travel or to stand in a record, as texts under a key. They are kept for 30 days. */
export type ArtifactStore = {
  /**
   * Stores a text. A key is written once: when it is taken, what stands there stays.
   *
   * @throws SluiceError `unavailable` when it was not stored
   */
  put(key: string, text: string): Promise<void>
  /**
   * Stores a text in the place of what stood there.
   *
   * @throws SluiceError `unavailable` when it was not stored
   */
  replace(key: string, text: string): Promise<void>
  /** @throws SluiceError `unavailable` when it cannot be read now */
  get(key: string): Promise<string | undefined>
}
