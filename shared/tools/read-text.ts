import { SluiceError } from '#shared/platform/errors.ts'
import type { Redact } from './redact.ts'

/** Types of answers that a model can read. */
const READABLE = /^(text\/|application\/(json|xml|yaml|x-ndjson|[a-z0-9.+-]+\+(json|xml))\b)/i

/**
 * The text of an answer.
 *
 * @param hide - takes secrets out of what is told of an answer that is no text
 * @throws SluiceError `unsupported` for what is no text
 */
export async function readText(response: Response, hide: Redact = (text) => text): Promise<string> {
  const type = response.headers.get('content-type')
  const bytes = Buffer.from(await response.arrayBuffer())
  if (bytes.length === 0 || type === null || READABLE.test(type)) return bytes.toString('utf8')
  const [shown = ''] = hide(type).slice(0, 64).split(';')
  throw new SluiceError('unsupported', `it answered with ${bytes.length} bytes of ${shown}, which is no text`)
}
