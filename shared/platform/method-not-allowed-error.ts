import { SluiceError } from './errors.ts'

/** The path exists, the method does not. */
export class MethodNotAllowedError extends SluiceError {
  override readonly name = 'MethodNotAllowedError'
  readonly allowed: readonly string[]

  constructor(method: string, allowed: readonly string[]) {
    super('method_not_allowed', `use ${allowed.join(' or ')} instead of ${method}`)
    this.allowed = allowed
  }
}
