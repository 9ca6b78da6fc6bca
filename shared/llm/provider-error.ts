import { SluiceError, type SluiceErrorOptions } from '#shared/platform/errors.ts'
import type { ErrorCode } from '#shared/protocol/error-codes.ts'

/** A model call that failed: our code, and the provider's own name of it, status and request id. */
export class ProviderError extends SluiceError {
  override readonly name = 'ProviderError'
  readonly provider: string
  readonly providerStatus: number | undefined
  readonly providerRequestId: string | undefined

  constructor(
    code: ErrorCode,
    message: string,
    details: SluiceErrorOptions & {
      provider: string
      providerStatus?: number | undefined
      providerRequestId?: string | undefined
    },
  ) {
    super(code, message, details)
    this.provider = details.provider
    this.providerStatus = details.providerStatus
    this.providerRequestId = details.providerRequestId
  }
}
