import { SluiceError } from '#shared/platform/errors.ts'

/** Somebody wants to send a secret to an address that it does not name. */
export class SecretOriginError extends SluiceError {
  override readonly name = 'SecretOriginError'
  /** @param origin - where it was to go: scheme, host and port */
  constructor(secretName: string, origin: string) {
    super(
      'authentication_error',
      `the secret "${secretName}" is not for ${origin}; only the address that it names as "baseUrl" gets it`,
      {
        retryable: false,
      },
    )
  }
}
