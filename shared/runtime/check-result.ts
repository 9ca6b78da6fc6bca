import { SluiceError } from '#shared/platform/errors.ts'
import { dataSchema } from '#shared/protocol/envelope.ts'
import { MAX_ANSWER_BYTES } from '#shared/protocol/limits.ts'
import type { StreamWriter } from '#shared/streams/stream-writer.ts'

/** Data that fits a record whatever the text, in bytes of JSON. */
const SMALL_BYTES = 4_096

/**
 * What an agent's code returned, when a record can hold it together with the answer's text.
 *
 * @throws SluiceError `invalid_output` when it is not JSON, `payload_too_large`
 */
export async function checkResult(returned: unknown, writer: StreamWriter): Promise<unknown> {
  if (returned === undefined) return undefined
  const result = dataSchema.safeParse(returned)
  if (!result.success) {
    const [issue] = result.error.issues
    const where = issue?.path.length ? ` at "${issue.path.join('.')}"` : ''
    throw new SluiceError('invalid_output', `what the agent returned is not JSON${where}`, { retryable: false })
  }
  const bytes = Buffer.byteLength(JSON.stringify(result.data))
  if (bytes <= SMALL_BYTES) return result.data
  // Text that is just being written is not counted before it stands.
  await writer.flushed()
  if (bytes + Buffer.byteLength(writer.text()) > MAX_ANSWER_BYTES) {
    throw new SluiceError('payload_too_large', `text and data of the answer are larger than ${MAX_ANSWER_BYTES} bytes`)
  }
  return result.data
}
