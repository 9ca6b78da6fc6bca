import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { SluiceError, ValidationError } from '#shared/platform/errors.ts'
import { parseJson } from '#shared/platform/parse.ts'
import { MAX_MESSAGE_BYTES } from '#shared/protocol/limits.ts'

/** What a form of any page may send without asking (https://fetch.spec.whatwg.org/#cors-safelisted-request-header). */
const FORM_TYPES = /^(application\/x-www-form-urlencoded|multipart\/form-data|text\/plain)\b/i

/** What of a request holds its body. */
export type BodyOf = Pick<APIGatewayProxyEventV2, 'body' | 'isBase64Encoded' | 'headers'>

/**
 * The JSON in a request, whatever its content type says, unless it is one that any page can send in the name of who looks at it. API Gateway
 * sends what it takes for binary in base64.
 *
 * @param maxBytes - largest body, in bytes of UTF-8
 * @throws SluiceError `unsupported_media_type`, `payload_too_large`, ValidationError when it is no JSON in UTF-8
 */
export function readJsonBody({ body = '', isBase64Encoded, headers }: BodyOf, maxBytes = MAX_MESSAGE_BYTES): unknown {
  if (FORM_TYPES.test(headers['content-type'] ?? ''))
    throw new SluiceError('unsupported_media_type', 'send the body as "Content-Type: application/json"')
  const bytes = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8')
  if (bytes.length > maxBytes) {
    throw new SluiceError('payload_too_large', `the request body is larger than ${maxBytes} bytes`)
  }
  return parseJson(decodeText(bytes), 'request body')
}

/** What was asked for, for the digest in the audit log: JSON; the body as it came, where it is none. */
export function recordedBody(request: BodyOf): unknown {
  try {
    return readJsonBody(request, Number.POSITIVE_INFINITY)
  } catch {
    return request.body
  }
}

function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new ValidationError('the request body is not UTF-8')
  }
}
