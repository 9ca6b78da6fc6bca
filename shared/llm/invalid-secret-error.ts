import { SluiceError } from '#shared/platform/errors.ts'

/** A provider's secret has the wrong shape. The message names the secret and never tells what is in it. */
export class InvalidSecretError extends SluiceError {
  override readonly name = 'InvalidSecretError'
  constructor(secretName: string) {
    super(
      'authentication_error',
      `the secret "${secretName}" must be a key, {"apiKey": "…", "baseUrl": "https://…"} or {"keys": [{"apiKey": "…"}], "baseUrl": "https://…"}`,
      { retryable: false },
    )
  }
}
