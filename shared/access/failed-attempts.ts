/** How often an address failed to say who it is, by the minute. */
export type FailedAttempts = {
  /**
   * Counts one more.
   *
   * @param minute - of the epoch
   * @returns how many there were in that minute
   */
  add(address: string, minute: number): Promise<number>
}
