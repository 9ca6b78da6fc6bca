import * as z from 'zod'
import { redactPatternsSchema } from '#shared/protocol/redact-pattern.ts'
import { ConfigError } from './errors.ts'
import { ENV } from './names.ts'
import { oidcSettingsSchema } from './oidc-settings.ts'

/**
 * Reads the environment: the only place that does. Every missing or wrong variable is named in one error.
 *
 * @throws ConfigError
 */
export function loadConfig<Shape extends z.ZodRawShape>(
  shape: Shape,
  environment: Record<string, string | undefined> = process.env,
): z.output<z.ZodObject<Shape>> {
  const result = z.object(shape).safeParse(environment)
  if (result.success) return result.data
  const problems = result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
  throw new ConfigError(`environment: ${problems.join('; ')}`)
}

const text = z.string({ error: 'is missing' }).min(1, 'is empty')
const flag = z.stringbool({ error: 'is neither true nor false' })
const positive = z.coerce.number().positive()

/** A list separated by commas; empty for an empty text. */
const toList = (value: string): string[] => value.split(',').filter(Boolean)

/** A JSON list of names. */
function toNames(value: string, context: z.RefinementCtx): string[] {
  try {
    return z.array(z.string().min(1)).parse(JSON.parse(value))
  } catch {
    context.addIssue({ code: 'custom', message: 'is not a JSON list of names' })
    return z.NEVER
  }
}

/** JSON with a list of names under each name. */
function toNameLists(value: string, context: z.RefinementCtx): Record<string, string[]> {
  try {
    return z.record(z.string(), z.array(z.string().min(1))).parse(JSON.parse(value))
  } catch {
    context.addIssue({ code: 'custom', message: 'is not JSON with lists of names' })
    return z.NEVER
  }
}

/** JSON with the settings of an identity provider. */
function toOidcSettings(value: string, context: z.RefinementCtx): z.output<typeof oidcSettingsSchema> {
  try {
    return oidcSettingsSchema.parse(JSON.parse(value))
  } catch {
    context.addIssue({ code: 'custom', message: 'is not JSON with the settings of an identity provider' })
    return z.NEVER
  }
}

/** A JSON list of regular expressions. */
function toPatterns(value: string, context: z.RefinementCtx): string[] {
  try {
    return redactPatternsSchema.parse(JSON.parse(value))
  } catch {
    context.addIssue({ code: 'custom', message: 'is not a JSON list of patterns that can be used' })
    return z.NEVER
  }
}

/** Variables by what needs them; a function picks the groups it uses. */
export const CONFIG = {
  stage: { [ENV.stage]: text, [ENV.platform]: text, AWS_REGION: text, AWS_ENDPOINT_URL: z.string().optional() },
  registry: { [ENV.registryTable]: text },
  agentQuota: { [ENV.maxAgentsPerTenant]: positive },
  executions: { [ENV.executionsTable]: text, [ENV.executionRetentionDays]: positive },
  conversations: { [ENV.conversationRetentionDays]: positive },
  deliveryLog: { [ENV.deliveryRetentionDays]: positive },
  streams: { [ENV.streamsTable]: text },
  audit: { [ENV.auditTable]: text, [ENV.auditRetentionDays]: positive },
  auditExports: { [ENV.auditBucket]: text },
  retention: { [ENV.topicRetentionHours]: positive },
  bus: { [ENV.busName]: text },
  ingress: { [ENV.ingressDeadLetterQueueUrl]: text, [ENV.defaultTenant]: text },
  work: { [ENV.workQueueUrl]: text },
  socket: { [ENV.socketApiId]: text },
  access: {
    [ENV.tokenSecretName]: text,
    [ENV.defaultTenant]: text,
    [ENV.authentication]: z.enum(['on', 'off'], { error: 'is neither on nor off' }),
    [ENV.failedAttemptsPerMinute]: positive,
    [ENV.oidcProvider]: z.string().transform(toOidcSettings).optional(),
  },
  connections: { [ENV.connectionsQueueUrl]: text },
  endpoints: { [ENV.socketEndpoints]: z.string().transform(toNameLists) },
  deliveries: { [ENV.deliveryQueueUrl]: text },
  erasures: { [ENV.erasureQueueUrl]: text },
  deadLetters: { [ENV.declaredAgents]: z.string().transform(toNames), [ENV.defaultTenant]: text },
  callbacks: { [ENV.webhookSecretName]: text, [ENV.allowPrivateCallbacks]: flag },
  privateCallbacks: { [ENV.allowPrivateCallbacks]: flag },
  metrics: { [ENV.metricsEnabled]: flag },
  health: { [ENV.healthCheckSeconds]: positive },
  changes: { [ENV.changesDeadLetterQueueUrl]: text, [ENV.eventSampling]: z.coerce.number().min(0).max(1) },
  ownAgent: { [ENV.agentDeadLetterQueueUrl]: text, [ENV.deployment]: text, [ENV.allowPrivateCallbacks]: flag },
  declaredAgents: { [ENV.declaredAgents]: z.string().transform(toNames), [ENV.deployment]: text, [ENV.defaultTenant]: text },
  artifacts: { [ENV.artifactsBucket]: text },
  limits: {
    [ENV.requestsPerMinute]: positive,
    [ENV.tenantRequestsPerMinute]: positive,
    [ENV.maxSocketsPerTenant]: positive,
    [ENV.maxExecutionsPerTenantPerDay]: positive,
  },
  cors: { [ENV.corsOrigins]: z.string().transform(toList) },
  defaultModel: { [ENV.defaultModel]: text.optional() },
  redaction: { [ENV.redactPatterns]: z.string().default('[]').transform(toPatterns) },
  models: {
    [ENV.modelHosts]: z.string().default('').transform(toList),
    [ENV.llmModel]: text.optional(),
    [ENV.llmEndpoint]: z.url().optional(),
    [ENV.llmApiKeySecretArn]: text.optional(),
    [ENV.llmTimeout]: positive.optional(),
    [ENV.llmMaxTokens]: positive.optional(),
  },
  timeouts: { [ENV.executionTimeoutSeconds]: positive, [ENV.providerTimeoutSeconds]: positive },
} as const

/** What {@link loadConfig} makes of a group. */
export type ConfigOf<Group extends keyof typeof CONFIG> = z.output<z.ZodObject<(typeof CONFIG)[Group]>>
