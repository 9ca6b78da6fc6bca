/** What a token may do. A scope is checked on every route, frame and channel. */
export const SCOPES = [
  'agents:read',
  'agents:write',
  'executions:read',
  'executions:write',
  'topics:read',
  'topics:publish',
  'queues:read',
  'queues:write',
  'webhooks:read',
  'webhooks:write',
] as const

export type Scope = (typeof SCOPES)[number]

/** Who is calling and whose data it is; comes from a verified token or ticket only. */
export type Principal = { subject: string; tenant: string; scopes: readonly Scope[] }
