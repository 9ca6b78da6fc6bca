import { SluiceError } from './errors.ts'

/** A secret does not exist or is empty. The message names the secret to create. */
export class SecretNotFoundError extends SluiceError {
  override readonly name = 'SecretNotFoundError'
  /** @param how - the command that creates it. @default it is created in Secrets Manager */
  constructor(secretName: string, cause?: unknown, how = 'create it in Secrets Manager') {
    super('authentication_error', `the secret "${secretName}" does not exist or is empty; ${how}`, {
      cause,
      retryable: false,
    })
  }
}
