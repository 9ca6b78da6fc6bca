/** What a caller may do. A scope is checked on every route, frame, field and channel. */
export const SCOPES = [
  'agents:read',
  'agents:write',
  'executions:read',
  'executions:write',
  'approvals:read',
  'approvals:write',
  'topics:read',
  'topics:publish',
  'queues:read',
  'queues:write',
  'webhooks:read',
  'webhooks:write',
  'connections:read',
  'connections:write',
  'metrics:read',
  'models:read',
  'models:write',
  'secrets:read',
  'audit:read',
  'audit:write',
  'keys:read',
  'keys:write',
  'tenant:erase',
] as const

export type Scope = (typeof SCOPES)[number]

const READ = SCOPES.filter((scope) => scope.endsWith(':read') && !['audit:read', 'keys:read', 'secrets:read'].includes(scope))

/** Named sets of scopes, for tokens and API keys that say who somebody is rather than what he may do. */
export const ROLES = {
  /** Everything, also to erase the tenant. */
  admin: SCOPES,
  /** Runs what is there: life of agents, executions, queues, who did what; defines nothing and hands out no keys. */
  operator: [
    ...READ,
    'agents:write',
    'executions:write',
    'approvals:write',
    'topics:publish',
    'queues:write',
    'connections:write',
    'models:write',
    'secrets:read',
    'audit:read',
  ],
  /** Defines agents and uses them. */
  developer: [...READ, 'agents:write', 'executions:write', 'approvals:write', 'topics:publish', 'webhooks:write', 'secrets:read'],
  /** Uses agents: an application, or a person who chats. */
  user: ['agents:read', 'executions:read', 'executions:write', 'topics:read', 'topics:publish'],
  /** Looks, and touches nothing. */
  viewer: READ,
} as const satisfies Record<string, readonly Scope[]>

export type Role = keyof typeof ROLES
