import * as z from 'zod'
import { timestampSchema } from './identifiers.ts'
import { ROLES, SCOPES } from './scopes.ts'

/** Most keys of a tenant, revoked ones not counted. */
export const MAX_API_KEYS = 200

const keyIdSchema = z.string().regex(/^[0-9A-Za-z]{16}$/, "use the 16 letters and digits of a key's id")
/** Path of one key. */
export const apiKeyParamsSchema = z.object({ keyId: keyIdSchema })

const roleSchema = z.enum(Object.keys(ROLES) as [keyof typeof ROLES, ...(keyof typeof ROLES)[]])
/** `agents:read`, `agents:*`, `*:read`, `*`. */
const scopePatternSchema = z
  .string()
  .regex(/^(\*|([a-z]+|\*):([a-z]+|\*))$/, 'use a scope such as "agents:read", "agents:*", "*:read" or "*"')

/** Body of `POST /v1/api-keys`. */
export const createApiKeySchema = z
  .strictObject({
    /** What it is for, for whoever reads the list. */
    name: z.string().trim().min(1).max(128),
    roles: z.array(roleSchema).max(10).optional(),
    /** Expanded when the key is made: a key never grows. */
    scopes: z.array(scopePatternSchema).max(SCOPES.length).optional(),
    expiresAt: timestampSchema.optional(),
  })
  .refine(({ roles = [], scopes = [] }) => roles.length + scopes.length > 0, 'give "roles" or "scopes"')

/** A key as everybody with `keys:read` sees it: never its secret. */
export const apiKeySchema = z.object({
  keyId: keyIdSchema,
  name: z.string(),
  /** How it stands in logs, and as a principal in policies of agents: `api-key:<keyId>`. */
  subject: z.string(),
  roles: z.array(roleSchema),
  scopes: z.array(z.enum(SCOPES)),
  /** Subject of the caller who made it. */
  createdBy: z.string(),
  createdAt: timestampSchema,
  expiresAt: timestampSchema.optional(),
  /** To the hour. Absent: never. */
  lastUsedAt: timestampSchema.optional(),
})

/** Answer of `POST /v1/api-keys`. */
export const createdApiKeySchema = apiKeySchema.extend({
  /** The key itself: `slk_`, its id, 256 bits, and a checksum. Shown this once, and kept nowhere. */
  key: z.string(),
})

/** Page of `GET /v1/api-keys`, by id. */
export const apiKeyListSchema = z.object({
  apiKeys: z.array(apiKeySchema),
  /** Cursor of the next page; absent on the last one. */
  next: z.string().optional(),
})

export type CreateApiKey = z.infer<typeof createApiKeySchema>
export type ApiKey = z.infer<typeof apiKeySchema>
export type CreatedApiKey = z.infer<typeof createdApiKeySchema>
export type ApiKeyList = z.infer<typeof apiKeyListSchema>
