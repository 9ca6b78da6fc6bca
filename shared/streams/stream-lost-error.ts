import { SluiceError } from '#shared/platform/errors.ts'

/** Another writer has taken over the stream: this one must stop, and must not end the execution. */
export class StreamLostError extends SluiceError {
  override readonly name = 'StreamLostError'
  constructor(executionId: string) {
    super('conflict', `another writer has taken over the execution "${executionId}"`, { retryable: false })
  }
}
