import { SluiceError } from './errors.ts'

/** A secret does not exist or is empty. The message names the secret to create. */
export class SecretNotFoundError extends SluiceError {
  override readonly name = 'SecretNotFoundError'
  constructor(secretName: string, cause?: unknown) {
    super('authentication_error', `the secret "${secretName}" does not exist or is empty; create it in Secrets Manager`, {
      cause,
      retryable: false,
    })
  }
}
