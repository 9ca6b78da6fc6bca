/** A failure that its reader can do something about: what happened, and what to do, in a line each. */
export class LocalCloudError extends Error {
  override readonly name = 'LocalCloudError'
  readonly advice: string

  constructor(message: string, advice: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.advice = advice
  }
}
