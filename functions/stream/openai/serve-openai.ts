import type { LambdaFunctionURLEvent } from 'aws-lambda'
import type { Credentials } from '#shared/access/authenticate.ts'
import { NotFoundError } from '#shared/platform/errors.ts'
import { MethodNotAllowedError } from '#shared/platform/method-not-allowed-error.ts'
import { OPENAI_BASE } from '#shared/protocol/routes.ts'
import { preflightHeaders } from '../../doors/cors.ts'
import type { StreamDependencies } from '../dependencies.ts'
import type { Served } from '../served.ts'
import { answerChat } from './answer-chat.ts'
import { showModels } from './show-models.ts'

const CHAT_PATH = `${OPENAI_BASE}/chat/completions`
const MODELS_PATH = `${OPENAI_BASE}/models`

/** Headers that OpenAI's own libraries send, also from browsers. */
const CLIENT_HEADERS = [
  ...['Arch', 'Helper-Method', 'Lang', 'OS', 'Package-Version', 'Retry-Count', 'Runtime', 'Runtime-Version', 'Timeout'].map(
    (name) => `X-Stainless-${name}`,
  ),
  'OpenAI-Organization',
  'OpenAI-Project',
]

/**
 * Serves clients that were made for OpenAI's API: an agent is a model, a chat completion is an execution.
 *
 * @see https://platform.openai.com/docs/api-reference/chat/create
 * @throws NotFoundError, MethodNotAllowedError, and what each of them throws
 */
export async function serveOpenAi(
  dependencies: StreamDependencies,
  event: LambdaFunctionURLEvent,
  served: Served,
): Promise<void> {
  const { rawPath, headers, requestContext } = event
  const { method, sourceIp } = requestContext.http
  const isChat = rawPath === CHAT_PATH
  const isModels = rawPath === MODELS_PATH || rawPath.startsWith(`${MODELS_PATH}/`)
  if (!isChat && !isModels) throw new NotFoundError('path', rawPath)
  const allowed = isChat ? 'POST' : 'GET'
  if (method === 'OPTIONS') {
    const allow = preflightHeaders(dependencies.corsOrigins, headers.origin, [allowed], CLIENT_HEADERS)
    return served.answer.respond({ statusCode: 204, headers: allow })
  }
  if (method !== allowed) throw new MethodNotAllowedError(method, [allowed])

  const credentials: Credentials = {
    authorization: headers['x-sluice-authorization'] ?? headers.authorization,
    apiKey: headers['x-api-key'],
    address: sourceIp,
  }
  const direct = await dependencies.direct()
  if (isChat) return answerChat(direct, dependencies, { credentials, event }, served)
  return showModels(direct, dependencies, { credentials, agentId: rawPath.slice(MODELS_PATH.length + 1) }, served)
}
