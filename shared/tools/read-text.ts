import { SluiceError } from '#shared/platform/errors.ts'
import type { Redact } from './redact.ts'

/** Content types that a model can read. */
const READABLE = /^(text\/|application\/(json|xml|yaml|x-ndjson|[a-z0-9.+-]+\+(json|xml))\b)/i

/**
 * The text of an answer.
 *
 * @param hide - removes secrets from the content type that the error quotes
 * @throws SluiceError `unsupported` for content that is not text
 */
export async function readText(response: Response, hide: Redact = (text) => text): Promise<string> {
  const type = response.headers.get('content-type')
  const bytes = Buffer.from(await response.arrayBuffer())
  if (bytes.length === 0 || type === null || READABLE.test(type)) return bytes.toString('utf8')
  const [shown = ''] = hide(type).slice(0, 64).split(';')
  throw new SluiceError('unsupported', `it answered with ${bytes.length} bytes of ${shown}, which is no text`)
}
