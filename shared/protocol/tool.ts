import * as z from 'zod'
import { agentIdSchema } from './identifiers.ts'
import { headersSchema, serviceSchema } from './llm.ts'

/** Name of a tool as models see it: every vendor takes these characters. */
export const toolNameSchema = z.string().regex(/^[a-zA-Z][a-zA-Z0-9_-]{0,63}$/, 'use 1 to 64 letters, digits, "_" or "-"')

/** A JSON Schema, for arguments or for outputs. */
export const jsonSchemaSchema = z.record(z.string(), z.json())

/** Tools that every agent can have. */
export const BUILT_IN_TOOLS = ['current_time', 'fetch', 'search_conversation', 'remember', 'recall'] as const

/** Most tools of one agent; a server of the Model Context Protocol counts as one. */
export const MAX_TOOLS = 64

/** Longest time that another agent has for an answer, in seconds: seven days, as people have for their decisions. Nobody is kept by waiting for it. */
export const MAX_AGENT_TIMEOUT_SECONDS = 604_800

/** What all tools have. */
const common = {
  /** `always`: a person decides on every call before it is made. @default 'never' */
  approval: z.enum(['never', 'always']).optional(),
  /** How long a person has for it. @default 3,600 */
  approvalTimeoutSeconds: z.int().min(10).max(604_800).optional(),
  /** Longest call. @default 30 */
  timeoutSeconds: z.number().positive().max(600).optional(),
  /** Longest result that the model is given, in bytes of UTF-8; the rest is cut and named. @default 16,384 */
  maxResultBytes: z.int().min(256).max(65_536).optional(),
}

const described = { name: toolNameSchema, description: z.string().min(1).max(2_000), parameters: jsonSchemaSchema.optional() }

/** Scheme, host and port without arguments, then a path and a query with them. */
const URL_TEMPLATE =
  /^https?:\/\/[^/?#{}\\\s@]+(\/([^?#{}\\\s]|\{[A-Za-z_][A-Za-z0-9_.-]{0,63}\})*)?(\?([^#{}\\\s]|\{[A-Za-z_][A-Za-z0-9_.-]{0,63}\})*)?$/i

export const HTTP_METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

/** What an agent may do besides talking. Nothing else can be called. */
export const toolSchema = z.discriminatedUnion('type', [
  /** A function that was deployed as a tool: a line in `infra/declared-tools.ts`. */
  z.strictObject({ type: z.literal('lambda'), ...described, ...common, function: z.string().regex(/^[a-z][a-z0-9-]{0,39}$/) }),
  /** Another agent of the tenant; its answer is the result. */
  z.strictObject({
    type: z.literal('agent'),
    ...described,
    ...common,
    agentId: agentIdSchema,
    /** How long it has for its answer. @default 3,600 */
    timeoutSeconds: z.number().positive().max(MAX_AGENT_TIMEOUT_SECONDS).optional(),
  }),
  /** A call over HTTPS. `{name}` in the address is an argument; the others go into the query, or into the JSON body. */
  z.strictObject({
    type: z.literal('http'),
    ...described,
    ...common,
    method: z.enum(HTTP_METHODS).default('GET'),
    url: z
      .string()
      .max(2_048)
      .regex(URL_TEMPLATE, 'begin with scheme and host as they are; write arguments as {name} in the path or the query'),
    headers: headersSchema.optional(),
  }),
  /** Tools of a server of the Model Context Protocol (streamable HTTP). */
  z
    .strictObject({
      type: z.literal('mcp'),
      name: toolNameSchema,
      ...common,
      url: z.url({ protocol: /^https?$/ }).max(2_048),
      headers: headersSchema.optional(),
      /** Shows an access token (OAuth 2.0, client credentials); client and token endpoint stand in the secret of a service. */
      oauth: z.strictObject({ secret: serviceSchema }).optional(),
      /** Which of its tools may be called. */
      allow: z.array(z.string().min(1).max(128)).min(1).max(64),
    })
    .refine(({ oauth, headers = {} }) => !oauth || !Object.keys(headers).some((name) => /^authorization$/i.test(name)), {
      path: ['headers'],
      message: 'leave out "authorization": it carries the access token',
    }),
  z.strictObject({
    type: z.literal('builtin'),
    name: z.enum(BUILT_IN_TOOLS),
    ...common,
    /** For `fetch`, which has no address of its own: hosts that it may call. */
    hosts: z.array(z.string().min(1).max(253)).min(1).max(50).optional(),
  }),
])

/** Limits of one answer that is made in steps. */
export const reasoningLimitsSchema = z.strictObject({
  /** Turns of the model. @default 10 */
  maxSteps: z.int().min(1).max(50).optional(),
  /** Rounds of `reflection`. @default 3 */
  maxIterations: z.int().min(1).max(5).optional(),
  /** Calls of tools that run at once. @default 4 */
  maxParallelTools: z.int().min(1).max(16).optional(),
})

/** How the agents of `multi_agent` work together. */
export const teamSchema = z.strictObject({
  /** `router`: the model chooses one. `sequence`: each goes on with what the one before said. `parallel`: all at once, and the model sums up. `handover`: the one that has it may pass it on. */
  mode: z.enum(['router', 'sequence', 'parallel', 'handover']),
  agents: z.array(agentIdSchema).min(1).max(5),
})

export type Tool = z.infer<typeof toolSchema>
export type ReasoningLimits = z.infer<typeof reasoningLimitsSchema>
export type Team = z.infer<typeof teamSchema>
