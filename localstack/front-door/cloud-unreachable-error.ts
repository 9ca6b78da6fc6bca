import { SluiceError } from '#shared/platform/errors.ts'

/** The cloud behind the front door does not answer. */
export class CloudUnreachableError extends SluiceError {
  override readonly name = 'CloudUnreachableError'
  constructor(target: URL, cause?: unknown) {
    super('network_error', `nothing answers at ${target.origin}: is the local cloud running?`, { cause })
  }
}
