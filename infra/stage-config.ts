import { RetentionDays } from 'aws-cdk-lib/aws-logs'
import * as z from 'zod'
import { platformName } from '#shared/platform/names.ts'
import { tenantSchema, topicSchema } from '#shared/protocol/identifiers.ts'
import { LLM_PROVIDERS } from '#shared/protocol/llm.ts'
import { redactPatternsSchema } from '#shared/protocol/redact-pattern.ts'
import { STAGE_DEFAULTS } from './stage-defaults.ts'

const stageSchema = z.enum(['local', 'dev', 'staging', 'prod'])

/** Values of `-c` are texts; those of cdk.json may be numbers and booleans. */
const whole = z.coerce.number().int()
const flag = z.union([z.boolean(), z.stringbool()])
const retentionDays = Object.values(RetentionDays).filter((days): days is number => typeof days === 'number' && days <= 3_653)

const endpointsSchema = z.record(
  z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/, 'name endpoints with letters, digits, ".", "_" or "-"'),
  z.array(topicSchema).min(1).max(20),
)

/** An origin as browsers send it; plain HTTP is for pages of this machine alone. */
const originSchema = z
  .string()
  .regex(
    /^(https:\/\/[a-z0-9.-]+|http:\/\/(localhost|127\.0\.0\.1))(:\d{1,5})?$/,
    'use exact origins such as https://app.example.com, separated by commas',
  )

/** JSON in the text of a `-c`. */
function fromJson(text: string, context: z.RefinementCtx): unknown {
  try {
    return JSON.parse(text)
  } catch {
    context.addIssue({ code: 'custom', message: 'is not JSON' })
    return z.NEVER
  }
}

const settingsSchema = z.strictObject({
  /** 12 digits. Absent: the account of the credentials at deployment. */
  account: z.coerce
    .string()
    .regex(/^\d{12}$/, 'use the 12 digits of an AWS account')
    .optional(),
  /** Absent: the region of the credentials at deployment. */
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'use a region such as eu-central-1')
    .optional(),
  /** What happens to tables, buckets, secrets and logs when their stack is deleted. */
  removalPolicy: z.enum(['destroy', 'retain']),
  /** Hours that messages of topics and lifecycle events can be read again from a cursor; streams of executions are kept for a day. */
  topicRetentionHours: whole.min(1).max(24 * 365),
  /** Days that an execution is kept after its end. */
  executionRetentionDays: whole.min(1).max(3_653),
  /** Days that a turn of a conversation is remembered. */
  conversationRetentionDays: whole.min(1).max(3_653),
  /** Days that a delivery to a callback or webhook can be looked up. */
  deliveryRetentionDays: whole.min(1).max(3_653),
  /** Days that audit records are kept. */
  auditRetentionDays: whole.min(1).max(3_653),
  /** Most agents that a tenant may register. Agents in code count, and are never refused. */
  maxAgentsPerTenant: whole.min(1).max(1_000_000),
  /** Days that logs are kept. */
  logRetentionDays: whole.refine((days) => retentionDays.includes(days), `use one of ${retentionDays.join(', ')}`),
  /** Concurrent invocations of `dispatch`. SQS event source mappings accept 2 to 1000. */
  maxConcurrency: whole.min(2).max(1_000),
  /**
   * Workers of registered agents at once, in the whole account: invocations of `execute`. Each runs one execution, and up to ten where they wait
   * in the queue together.
   */
  maxWorkers: whole.min(2).max(1_000),
  /**
   * Event streams and direct runs at once, in the whole account: each holds an invocation of `stream` for minutes, and nothing but this throttles a
   * function URL. It is reserved, so it needs a quota of Lambda that leaves 100 to all others. Absent: as many as the account has.
   */
  maxStreams: whole.min(1).max(10_000).optional(),
  /** Whether CloudFront and the hosted console are part of the stage. */
  frontDoor: flag,
  /**
   * Whether clients of OpenAI's API find `/openai/*` at the front door. It takes an address of the function `stream` that nobody signs for, and that `maxStreams`
   * alone throttles.
   */
  openaiDoor: flag,
  /** Whether the examples of `functions/agents` and `functions/tools` are part of the stage. */
  exampleAgents: flag,
  /** Address that alarms are sent to; absent: alarms only show in CloudWatch. */
  alarmEmail: z.email('use an e-mail address').optional(),
  /** Steady rate and burst that each API accepts, in requests per second. */
  requestsPerSecond: whole.min(1).max(10_000),
  requestBurst: whole.min(1).max(5_000),
  /** Requests a minute of one caller, and of all callers of a tenant together, at the doors for HTTP, sockets and streams. */
  requestsPerMinute: whole.min(1).max(1_000_000),
  tenantRequestsPerMinute: whole.min(1).max(10_000_000),
  /** Open sockets of one tenant. */
  maxSocketsPerTenant: whole.min(1).max(1_000_000),
  /** Executions of one tenant in a day of UTC; beyond that the doors refuse them, and queues do not. */
  maxExecutionsPerTenantPerDay: whole.min(1).max(1_000_000_000),
  /** Origins of pages, besides the console, that may call from browsers: exact, separated by commas. */
  corsOrigins: z
    .string()
    .transform((text) =>
      text
        .split(',')
        .map((origin) => origin.trim())
        .filter(Boolean),
    )
    .pipe(z.array(originSchema)),
  /** Longest call of a model, in seconds. */
  providerTimeoutSeconds: whole.positive(),
  /** Longest execution, all its attempts together, in seconds. */
  executionTimeoutSeconds: whole.positive(),
  /** Timeout of the function `execute`, in seconds. Default: a minute more than the execution, to end and hand over its batch. */
  functionTimeoutSeconds: whole.positive().optional(),
  /** Visibility timeout of the work queue, in seconds. Default: a minute longer than the function. */
  visibilityTimeoutSeconds: whole.positive().optional(),
  /** Time between two checks of a running agent's health, in seconds. The sweeper, which asks for them, comes every minute. */
  healthCheckSeconds: whole.min(60).max(86_400),
  /** Share of the health checks that are told as lifecycle events, from 0 to 1; bad news is always told. */
  healthEventSampling: z.coerce.number().min(0).max(1),
  /** Whether `GET /metrics` answers, and figures go to CloudWatch; counting goes on all the same. */
  metrics: flag,
  /** Tenant of messages on the ingress queue that name none. */
  defaultTenant: tenantSchema,
  /** Topics that a socket follows from its start, by the name in `?endpoint=<name>`; as JSON: `{"health": ["alerts"]}`. */
  endpoints: z.union([endpointsSchema, z.string().transform(fromJson).pipe(endpointsSchema)]),
  /** Model of agents that name none where they are registered by the paths of other control planes: `<provider>/<model>`. Absent: they must name one. */
  defaultModel: z
    .string()
    .regex(
      new RegExp(`^(${LLM_PROVIDERS.join('|')})/.{1,128}$`),
      `use <provider>/<model>; providers: ${LLM_PROVIDERS.join(', ')}`,
    )
    .optional(),
  /** Whether callers must say who they are. `off` on the stage `local` alone. */
  auth: z.enum(['on', 'off'], 'use on or off'),
  /** Failed attempts to authenticate that an address has in a minute, before it is told to wait; good credentials are never refused. */
  failedAttemptsPerMinute: whole.min(1).max(10_000),
  /** OpenID Connect provider whose access tokens are taken besides ours: the claim `iss`. Absent: none. */
  oidcIssuer: z.url({ protocol: /^https?$/, error: 'use the address of an issuer' }).optional(),
  /** The claim `aud`: this API, as the provider knows it. */
  oidcAudience: z.string().min(1).optional(),
  /** Claim with the tenant, by its whole name: `custom:tenant`, `https://example.com/tenant`. */
  oidcTenantClaim: z.string().min(1).optional(),
  /** Claims with our roles and our scopes, as lists or as words; absent: the provider gives none. */
  oidcRolesClaim: z.string().min(1).optional(),
  oidcScopesClaim: z.string().min(1).optional(),
  /** Hosts, with a port or without, that agents may name as `baseUrl` of `custom` and `ollama`, separated by commas. Addresses in secrets need not be here. */
  modelHosts: z
    .string()
    .transform((text) =>
      text
        .split(',')
        .map((host) => host.trim())
        .filter(Boolean),
    )
    .pipe(
      z.array(
        z
          .string()
          .regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?$/, 'use hosts such as models.example.com, separated by commas'),
      ),
    ),
  /** Regular expressions of what must not stand in logs and audit records, besides keys; a JSON list. */
  redactPatterns: z.union([redactPatternsSchema, z.string().transform(fromJson).pipe(redactPatternsSchema)]),
  /** Model of agents with the provider `default`: a name, or `<provider>/<model>`. Absent: there is none, and the other settings of it are not allowed. */
  llmModel: z.string().min(1).max(200).optional(),
  /** Root of the API of that model. Absent: the vendor's own. */
  llmEndpoint: z.url({ protocol: /^https?$/, error: 'use the address of an API' }).optional(),
  /** Secret with its key: an ARN, or the name of one of the stage's own secrets. Absent: that of the provider. */
  llmApiKeySecretArn: z
    .string()
    .regex(
      /^(arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@-]+-[A-Za-z0-9]{6}|sluice-[a-z]+-[a-z0-9-]+-secret)$/,
      'use the whole ARN of a secret',
    )
    .optional(),
  /** Longest call of it, in seconds, and its longest answer, in tokens. */
  llmTimeoutSeconds: whole.min(1).max(840).optional(),
  llmMaxTokens: whole.min(1).max(1_000_000).optional(),
  /** Bedrock models that agents may call: exact ARNs, separated by commas. */
  bedrockModelArns: z
    .string()
    .transform((text) => (text === '' ? [] : text.split(',').map((arn) => arn.trim())))
    .pipe(z.array(z.string().regex(/^arn:aws[a-z-]*:bedrock:[^*?]+$/, 'use exact ARNs of Bedrock models, separated by commas'))),
  /** Bedrock guardrails that agents may name, and profiles that carry them to other regions: exact ARNs, separated by commas. */
  bedrockGuardrailArns: z
    .string()
    .transform((text) => (text === '' ? [] : text.split(',').map((arn) => arn.trim())))
    .pipe(
      z.array(
        z
          .string()
          .regex(
            /^arn:aws[a-z-]*:bedrock:[a-z0-9-]+:\d{12}:guardrail(-profile)?\/[\w.:-]+$/,
            'use exact ARNs of Bedrock guardrails, separated by commas',
          ),
      ),
    ),
})

/** What can be set with `-c <name>=<value>`, besides the stage. */
export const SETTING_NAMES: readonly string[] = settingsSchema.keyof().options

type Settings = z.output<typeof settingsSchema>

export type StageConfig = Omit<Settings, 'functionTimeoutSeconds' | 'visibilityTimeoutSeconds'> & {
  stage: z.infer<typeof stageSchema>
  /** Prefix of queues, bus, secrets and functions: `sluice-<stage>`. */
  platform: string
  functionTimeoutSeconds: number
  visibilityTimeoutSeconds: number
}

/** A stage or a setting that cannot be deployed. The message is one line that names the value. */
export class StageConfigError extends Error {
  override readonly name = 'StageConfigError'
}

/**
 * Settings of a stage: its defaults, overridden by CDK context.
 *
 * @param context - CDK context: `stage`, and any of the settings above; feature flags are ignored
 * @throws StageConfigError
 */
export function loadStageConfig(context: Record<string, unknown>): StageConfig {
  const stage = stageSchema.safeParse(context.stage)
  if (!stage.success) {
    throw new StageConfigError(`stage ${show(context.stage)}: use -c stage=${stageSchema.options.join(', ')}`)
  }
  const parsed = settingsSchema.safeParse({ ...STAGE_DEFAULTS[stage.data], ...overrides(context) })
  if (!parsed.success) throw new StageConfigError(describe(parsed.error, context))
  requireSoundAccess(stage.data, parsed.data)
  requireModel(parsed.data)
  return withTimeouts(stage.data, parsed.data)
}

/** Our own context: plain words. The names of CDK's flags and look-ups have punctuation. */
function overrides(context: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(context).filter(([key]) => /^[a-zA-Z]+$/.test(key) && key !== 'stage'))
}

/** @throws StageConfigError when anybody could get in */
function requireSoundAccess(stage: StageConfig['stage'], settings: Settings): void {
  const { auth, oidcIssuer, oidcAudience, oidcTenantClaim } = settings
  if (auth === 'off' && stage !== 'local') throw new StageConfigError('auth "off": only the stage local may be open to everybody')
  if (oidcIssuer?.startsWith('http:') && stage !== 'local')
    throw new StageConfigError(`oidcIssuer ${show(oidcIssuer)}: must begin with https:// on every stage but local`)
  if ([oidcIssuer, oidcAudience, oidcTenantClaim].some(Boolean) && !(oidcIssuer && oidcAudience && oidcTenantClaim))
    throw new StageConfigError('oidcIssuer, oidcAudience, oidcTenantClaim: give all three or none')
}

/** @throws StageConfigError when something is said about a model that is not named */
function requireModel({ llmModel, llmEndpoint, llmApiKeySecretArn, llmTimeoutSeconds, llmMaxTokens }: Settings): void {
  const said = [llmEndpoint, llmApiKeySecretArn, llmTimeoutSeconds, llmMaxTokens].some((value) => value !== undefined)
  if (said && llmModel === undefined)
    throw new StageConfigError('llmEndpoint, llmApiKeySecretArn, llmTimeoutSeconds, llmMaxTokens: name the model as llmModel')
}

/** Completes the timeouts. Each must be shorter than the next, or work is cut in the middle, or done twice. */
function withTimeouts(stage: StageConfig['stage'], settings: Settings): StageConfig {
  const functionTimeoutSeconds = settings.functionTimeoutSeconds ?? settings.executionTimeoutSeconds + 60
  const visibilityTimeoutSeconds = settings.visibilityTimeoutSeconds ?? functionTimeoutSeconds + 60
  const config = { ...settings, stage, platform: platformName(stage), functionTimeoutSeconds, visibilityTimeoutSeconds }

  if (config.providerTimeoutSeconds >= config.executionTimeoutSeconds) {
    throw wrongTimeout(
      config,
      'providerTimeoutSeconds',
      `must be less than executionTimeoutSeconds ${config.executionTimeoutSeconds}`,
    )
  }
  if (config.executionTimeoutSeconds >= functionTimeoutSeconds) {
    throw wrongTimeout(config, 'executionTimeoutSeconds', `must be less than functionTimeoutSeconds ${functionTimeoutSeconds}`)
  }
  if (functionTimeoutSeconds > 900)
    throw wrongTimeout(config, 'functionTimeoutSeconds', 'must be at most 900, the limit of Lambda')
  // AWS advises six times, against deliveries that meet a function that is still busy. Here the lease turns those away, and a message that
  // comes back soon is what repairs a worker's crash.
  if (visibilityTimeoutSeconds <= functionTimeoutSeconds) {
    throw wrongTimeout(config, 'visibilityTimeoutSeconds', `must be more than functionTimeoutSeconds ${functionTimeoutSeconds}`)
  }
  if (visibilityTimeoutSeconds > 43_200) {
    throw wrongTimeout(config, 'visibilityTimeoutSeconds', 'must be at most 43200, the limit of SQS')
  }
  return config
}

type Timeout = 'providerTimeoutSeconds' | 'executionTimeoutSeconds' | 'functionTimeoutSeconds' | 'visibilityTimeoutSeconds'

function wrongTimeout(config: StageConfig, name: Timeout, rule: string): StageConfigError {
  return new StageConfigError(`${name} ${show(config[name])}: ${rule}`)
}

function describe(error: z.ZodError, context: Record<string, unknown>): string {
  return error.issues
    .map((issue) => {
      if (issue.code === 'unrecognized_keys') return `${issue.keys.join(', ')}: no such setting`
      const name = String(issue.path[0])
      return `${name} ${show(context[name])}: ${issue.message}`
    })
    .join('; ')
}

const show = (value: unknown): string => (value === undefined ? '(none)' : JSON.stringify(value))
