import { SluiceError } from '#shared/platform/errors.ts'

/** A sender's time was up, and there is more to post. Its role is free: whoever comes next goes on. */
export class MoreToSendError extends SluiceError {
  override readonly name = 'MoreToSendError'
  constructor(channel: string) {
    super('unavailable', `more is written to ${channel} than one sender can post`)
  }
}
