/** What one step in a place met. */
export type Step = {
  /** Items, objects or messages that it looked at. */
  looked: number
  /** Those of the tenant, which are gone now. */
  found: number
  /** Where the next step goes on; absent at the end of the place. */
  next?: string | undefined
}

/** Somewhere tenants have data. */
export type ErasurePlace = {
  /** `registry`, `artifacts`, …: as the proof names it. */
  readonly name: string
  /**
   * Erases what a bounded look from a cursor meets of a tenant. What it says was found is gone; a step that fails half way is taken again.
   *
   * @throws SluiceError `unavailable`
   */
  erase(tenant: string, cursor: string | undefined, signal: AbortSignal): Promise<Step>
}
