import { SluiceError } from '#shared/platform/errors.ts'

const KEYS = 'a key, {"apiKey": "…", "baseUrl": "https://…"} or {"keys": [{"apiKey": "…"}], "baseUrl": "https://…"}'

/** A secret has the wrong shape. The message names the secret and never tells what is in it. */
export class InvalidSecretError extends SluiceError {
  override readonly name = 'InvalidSecretError'
  /** @param shape - what it must be. @default that of a provider's keys */
  constructor(secretName: string, shape = KEYS) {
    super('authentication_error', `the secret "${secretName}" must be ${shape}`, { retryable: false })
  }
}
