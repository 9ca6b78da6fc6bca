import { SluiceClientError } from '../client/index.ts'

const TRY_LATER = 'Wait a little, then try again.'
const CHECK_KEY = 'Check the provider’s secret: the key is wrong or has no right to use this model.'

const ADVICE: Readonly<Record<string, string>> = {
  unauthorized: 'Sign in again with a new link.',
  forbidden: 'Your token lacks the scope for this. Ask for one that has it.',
  not_found: 'It does not exist in your tenant, or is no longer kept.',
  validation_error: 'Correct the input, then send it again.',
  payload_too_large: 'Send less than 200 KB at once.',
  file_too_large: 'Make it smaller: models do not see more in it.',
  unsupported_type: 'Send a PNG, JPEG, GIF or WebP.',
  unreadable_file: 'Choose a file that is there and that you may read.',
  too_many_files: 'Remove some, or ask another question about the rest.',
  rate_limit: TRY_LATER,
  queue_full: TRY_LATER,
  unavailable: TRY_LATER,
  no_agent_available: TRY_LATER,
  timeout: 'The time was up. Try again, or ask for less at once.',
  network_error: 'Check the network and whether the server runs, then try again.',
  provider_error: 'The model’s provider failed. Try again later.',
  authentication_error: CHECK_KEY,
  invalid_state: 'Somebody else was faster, or this cannot be done now. The page shows how it stands.',
  agent_paused: 'The agent is paused. It answers once it is resumed.',
  agent_not_running: 'The agent does not run. Start it first.',
  content_filter: 'The model refused to answer this. Ask in another way.',
  context_length_exceeded: 'The question is too long for the model. Shorten it.',
  integrity_error: 'The answer could not be verified. Reload the page to read it again.',
  events_lost: 'Some events are no longer kept. Reload the page to go on from now.',
  cancelled: 'Ask again to get a whole answer.',
  internal: 'This is a fault of the server. Its log has the details.',
}

export interface ErrorText {
  code: string
  detail: string
  /** What the user can do. */
  advice: string
  requestId?: string
  fields: readonly { path: string; message: string }[]
}

/** What to tell about a failure: an error of the client, or the `error` of an execution. */
export function describeError(error: unknown): ErrorText {
  if (error instanceof SluiceClientError) {
    const { code, message, requestId, errors } = error
    return {
      code,
      detail: message,
      advice: ADVICE[code] ?? '',
      ...(requestId === undefined ? {} : { requestId }),
      fields: errors,
    }
  }
  if (isFailure(error)) return { ...error, advice: ADVICE[error.code] ?? '', fields: [] }
  return { code: 'internal', detail: String(error), advice: 'Reload the page.', fields: [] }
}

function isFailure(error: unknown): error is { code: string; detail: string } {
  return typeof error === 'object' && error !== null && 'code' in error && 'detail' in error
}
