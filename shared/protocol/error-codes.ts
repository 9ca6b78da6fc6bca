/** Stable error codes of every door, with the HTTP status each one answers. Codes are never renamed. */
export const ERROR_STATUS = {
  validation_error: 422,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  /** `If-Match` names another version than there is. */
  precondition_failed: 412,
  invalid_state: 409,
  agent_not_running: 409,
  agent_paused: 409,
  unsupported_task_type: 422,
  /** A component, pattern or option that the platform knows of and does not run. */
  unsupported: 422,
  /** A key stands where only its name may. */
  secret_in_request: 422,
  payload_too_large: 413,
  unsupported_media_type: 415,
  queue_full: 429,
  rate_limit: 429,
  quota_exceeded: 429,
  /** A budget is spent. */
  budget_exceeded: 402,
  no_agent_available: 503,
  unavailable: 503,
  timeout: 504,
  network_error: 502,
  provider_error: 502,
  authentication_error: 502,
  content_filter: 422,
  context_length_exceeded: 422,
  invalid_output: 502,
  cancelled: 409,
  expired: 410,
  depth_exceeded: 422,
  internal: 500,
} as const

export type ErrorCode = keyof typeof ERROR_STATUS

/** Codes that may go away by themselves: the same request can succeed later. */
const RETRYABLE: ReadonlySet<ErrorCode> = new Set([
  'queue_full',
  'rate_limit',
  'no_agent_available',
  'unavailable',
  'timeout',
  'network_error',
  'provider_error',
])

export function isRetryableCode(code: ErrorCode): boolean {
  return RETRYABLE.has(code)
}
