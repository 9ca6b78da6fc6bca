import { SluiceError } from '#shared/platform/errors.ts'

/** A secret was about to be sent to an address that it does not name. */
export class SecretOriginError extends SluiceError {
  override readonly name = 'SecretOriginError'
  /** @param origin - where it would have gone: scheme, host and port */
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
