import { delimiter } from 'node:path'
import { LocalCloudError } from './local-cloud-error.ts'
import { BIN_DIR } from './paths.ts'

/** What the local cloud takes from the environment of `npm start`; nothing else here reads it. */
export type LocalEnvironment = {
  /** A LocalStack-compatible endpoint that somebody else runs; then no emulator is started. */
  endpointUrl: string | undefined
  region: string
  openai: { apiKey: string; baseUrl: string | undefined; model: string } | undefined
  /** Keys of further vendors, by their service: `anthropic`, `google`. */
  keys: Record<string, { apiKey: string; baseUrl: string | undefined }>
  /** The model of the stage, from `LLM_MODEL` and its neighbours. */
  llm:
    | {
        model: string
        endpoint: string | undefined
        apiKey: string | undefined
        timeoutSeconds: string | undefined
        maxTokens: string | undefined
      }
    | undefined
  /** `url` of an Ollama server, without `/v1`. */
  ollama: { url: string; model: string } | undefined
  /** False with `REQUIRE_AUTH=false`: whoever asks gets in. */
  requireAuth: boolean
  /** False with `AGENT_METRICS_ENABLED=false`: `GET /metrics` is not there. */
  metrics: boolean
  /** Requests a minute of one caller; ten times as many of a tenant. Absent: those of the stage. */
  rateLimitPerMinute?: number | undefined
  /** Whether a missing tool is an error where a developer's machine may go without. */
  ci: boolean
}

export function readEnvironment(env: NodeJS.ProcessEnv = process.env): LocalEnvironment {
  return {
    endpointUrl: withoutSlash(env.AWS_ENDPOINT_URL),
    region: env.AWS_REGION || env.AWS_DEFAULT_REGION || 'us-east-1',
    openai: env.OPENAI_API_KEY
      ? { apiKey: env.OPENAI_API_KEY, baseUrl: withoutSlash(env.OPENAI_BASE_URL), model: env.OPENAI_MODEL || 'gpt-4.1-mini' }
      : undefined,
    keys: Object.fromEntries(
      KEY_VARIABLES.flatMap(([service, name]) => keyFrom(service, env[name], env[`${service.toUpperCase()}_BASE_URL`])),
    ),
    llm: env.LLM_MODEL
      ? {
          model: env.LLM_MODEL,
          endpoint: withoutSlash(env.LLM_ENDPOINT),
          apiKey: env.LLM_API_KEY || undefined,
          timeoutSeconds: env.LLM_TIMEOUT || undefined,
          maxTokens: env.LLM_MAX_TOKENS || undefined,
        }
      : undefined,
    ollama: env.OLLAMA_BASE_URL
      ? { url: withoutSlash(env.OLLAMA_BASE_URL)?.replace(/\/v1$/, '') ?? '', model: env.OLLAMA_MODEL || 'llama3.2' }
      : undefined,
    requireAuth: !isNo(env.REQUIRE_AUTH),
    metrics: !isNo(env.AGENT_METRICS_ENABLED),
    rateLimitPerMinute: env.RATE_LIMIT_PER_MINUTE ? rateOf(env.RATE_LIMIT_PER_MINUTE) : undefined,
    ci: Boolean(env.CI),
  }
}

const KEY_VARIABLES = [
  ['anthropic', 'ANTHROPIC_API_KEY'],
  ['google', 'GOOGLE_API_KEY'],
] as const

const keyFrom = (
  service: string,
  apiKey: string | undefined,
  baseUrl: string | undefined,
): [string, LocalEnvironment['keys'][string]][] => (apiKey ? [[service, { apiKey, baseUrl: withoutSlash(baseUrl) }]] : [])

function rateOf(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text)
  throw new LocalCloudError(`RATE_LIMIT_PER_MINUTE "${text}" is no rate`, 'use a number from 1 to 999999')
}

const isNo = (value: string | undefined): boolean => ['false', '0', 'no', 'off'].includes(value?.trim().toLowerCase() ?? '')

const withoutSlash = (url: string | undefined): string | undefined => url?.replace(/\/+$/, '') || undefined

/** Credentials that an emulator accepts and that open nothing anywhere else. */
export const LOCAL_CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' } as const

/** Variables that must not leak into the local cloud: with them a tool could reach a real account. */
const AWS_SETTINGS = [
  'AWS_PROFILE',
  'AWS_SESSION_TOKEN',
  'AWS_ROLE_ARN',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
]

/** Keys of models: they go into the emulator's secrets, and into no process, where every function would have them. */
const PROVIDER_KEYS = ['OPENAI_API_KEY', 'ANTHROPIC_API_KEY', 'GOOGLE_API_KEY', 'GEMINI_API_KEY', 'LLM_API_KEY']

/** Environment of every child process: the caller's without keys, local credentials in place of any other, and the project's Node first. */
export function childEnvironment(variables: Record<string, string>, env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const inherited = Object.fromEntries(
    Object.entries(env).filter(([name]) => ![...AWS_SETTINGS, ...PROVIDER_KEYS].includes(name)),
  )
  return {
    ...inherited,
    PATH: [BIN_DIR, env.PATH].filter(Boolean).join(delimiter),
    AWS_ACCESS_KEY_ID: LOCAL_CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: LOCAL_CREDENTIALS.secretAccessKey,
    AWS_EC2_METADATA_DISABLED: 'true',
    NO_PROXY: [env.NO_PROXY, 'localhost', '127.0.0.1'].filter(Boolean).join(','),
    ...variables,
  }
}
