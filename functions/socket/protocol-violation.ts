import { SluiceError } from '#shared/platform/errors.ts'

/** A message that must not come; the connection is closed after it. */
export class ProtocolViolation extends SluiceError {
  override readonly name = 'ProtocolViolation'
}
