import { SluiceError, type SluiceErrorOptions } from '#shared/platform/errors.ts'
import type { ErrorCode } from '#shared/protocol/error-codes.ts'

/** The forms of ids and names. Anything else may be free text of a server, or a key that it quotes, and is dropped. */
const REQUEST_ID = /^[\w.:/=+-]{1,128}$/
const NAME = /^[A-Za-z_]{1,64}$/

const fitting = (form: RegExp, text: string | undefined): string | undefined =>
  text !== undefined && form.test(text) ? text : undefined

/** A failed model call: our code, and the provider's own error name, status and request id. */
export class ProviderError extends SluiceError {
  override readonly name = 'ProviderError'
  readonly provider: string
  readonly providerStatus: number | undefined
  readonly providerRequestId: string | undefined
  readonly providerCode: string | undefined

  constructor(
    code: ErrorCode,
    message: string,
    details: SluiceErrorOptions & {
      provider: string
      providerStatus?: number | undefined
      providerRequestId?: string | undefined
      /** The provider's own name of the error. */
      providerCode?: string | undefined
    },
  ) {
    const { provider, providerStatus: status } = details
    const requestId = fitting(REQUEST_ID, details.providerRequestId)
    const providerCode = fitting(NAME, details.providerCode)
    const told = {
      ...(status !== undefined && { status }),
      ...(providerCode !== undefined && { code: providerCode }),
      ...(requestId !== undefined && { requestId }),
    }
    super(code, message, { ...details, providerFailure: { name: provider, ...told } })
    this.provider = provider
    this.providerStatus = status
    this.providerRequestId = requestId
    this.providerCode = providerCode
  }
}
