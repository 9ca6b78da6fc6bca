import { SluiceError } from '#shared/platform/errors.ts'
import { dataSchema } from '#shared/protocol/envelope.ts'
import { MAX_ANSWER_BYTES } from '#shared/protocol/limits.ts'

/**
 * What an agent's code returned, when a record can hold it.
 *
 * @param text - the answer's text; both together must fit
 * @throws SluiceError `invalid_output` when it is not JSON, `payload_too_large`
 */
export function checkResult(returned: unknown, text: string): unknown {
  if (returned === undefined) return undefined
  const result = dataSchema.safeParse(returned)
  if (!result.success) {
    const [issue] = result.error.issues
    const where = issue?.path.length ? ` at "${issue.path.join('.')}"` : ''
    throw new SluiceError('invalid_output', `what the agent returned is not JSON${where}`, { retryable: false })
  }
  if (Buffer.byteLength(text) + Buffer.byteLength(JSON.stringify(result.data)) > MAX_ANSWER_BYTES) {
    throw new SluiceError('payload_too_large', `text and data of the answer are larger than ${MAX_ANSWER_BYTES} bytes`)
  }
  return result.data
}
