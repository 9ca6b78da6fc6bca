/** A model that the stage `dev` of the tests may call. */
export const BEDROCK_MODEL = 'arn:aws:bedrock:eu-central-1::foundation-model/amazon.nova-lite-v1:0'
/** And a guardrail that its calls may name. */
export const BEDROCK_GUARDRAIL = 'arn:aws:bedrock:eu-central-1:123456789012:guardrail/7f2kx0q1w8zd'
/** Where the stage `staging` of the tests sends its alarms. */
export const ALARM_EMAIL = 'ops@example.com'

/** What the infrastructure tests synthesise, once for all of them; each is what `-c` would say. */
export const VARIANTS = {
  local: { stage: 'local' },
  dev: { stage: 'dev', bedrockModelArns: BEDROCK_MODEL, bedrockGuardrailArns: BEDROCK_GUARDRAIL },
  staging: { stage: 'staging', alarmEmail: ALARM_EMAIL },
  prod: { stage: 'prod' },
  'prod-in-account': { stage: 'prod', account: '123456789012', region: 'eu-central-1', openaiDoor: true },
} as const

export type Variant = keyof typeof VARIANTS
