import { describe, expect, it } from 'vitest'
import { loadStageConfig, type StageConfig, StageConfigError } from '../../infra/stage-config.ts'

const messageOf = (context: Record<string, unknown>): string => {
  try {
    loadStageConfig(context)
  } catch (error) {
    if (error instanceof StageConfigError) return error.message
    throw error
  }
  throw new Error('the configuration was accepted')
}

describe('stage', () => {
  it.each(['local', 'dev', 'staging', 'prod'])('has defaults for %s, without an account', (stage) => {
    const config = loadStageConfig({ stage })

    expect(config).toMatchObject({ stage, platform: `sluice-${stage}` })
    expect(config.account).toBeUndefined()
    expect(config.region).toBeUndefined()
  })

  it.each([
    [undefined, 'stage (none): use -c stage=local, dev, staging, prod'],
    ['production', 'stage "production": use -c stage=local, dev, staging, prod'],
  ])('refuses %s', (stage, message) => {
    expect(messageOf({ stage })).toBe(message)
  })

  it('keeps data in prod alone, and hides the front door from local alone', () => {
    const configs = ['local', 'dev', 'staging', 'prod'].map((stage) => loadStageConfig({ stage }))

    expect(configs.map((config) => config.removalPolicy)).toEqual(['destroy', 'destroy', 'destroy', 'retain'])
    expect(configs.map((config) => config.frontDoor)).toEqual([false, true, true, true])
  })
})

describe('endpoints of the socket', () => {
  it('are those of the source documents, unless the stage says otherwise', () => {
    expect(loadStageConfig({ stage: 'dev' }).endpoints).toEqual({
      health: ['health_events', 'alerts'],
      monitoring: ['system_metrics'],
      custom: ['events'],
    })
    expect(loadStageConfig({ stage: 'dev', endpoints: '{"sales":["orders"]}' }).endpoints).toEqual({ sales: ['orders'] })
    expect(loadStageConfig({ stage: 'dev', endpoints: { sales: ['orders'] } }).endpoints).toEqual({ sales: ['orders'] })
  })

  it.each([['{'], ['[]'], ['{"sales": []}'], ['{"sales": "orders"}'], ['{"sales": ["a b"]}'], ['{"a/b": ["orders"]}']])(
    'are no %s',
    (endpoints) => {
      expect(messageOf({ stage: 'dev', endpoints })).toContain('endpoints')
    },
  )
})

describe('the default model', () => {
  it('is the scripted one on the stage local, and none elsewhere', () => {
    const models = ['local', 'dev', 'staging', 'prod'].map((stage) => loadStageConfig({ stage }).defaultModel)

    expect(models).toEqual(['scripted/answer', undefined, undefined, undefined])
    expect(loadStageConfig({ stage: 'dev', defaultModel: 'openai/meta/llama-3' }).defaultModel).toBe('openai/meta/llama-3')
  })

  it.each(['', 'gpt-5', 'openai/', 'nobody/model', '/model'])('is no "%s"', (defaultModel) => {
    expect(messageOf({ stage: 'dev', defaultModel })).toContain('use <provider>/<model>; providers: openai, azure, ')
  })
})

const GUARDRAIL = 'arn:aws:bedrock:eu-central-1:123456789012:guardrail/7f2kx0q1w8zd'
const GUARDRAIL_PROFILE = 'arn:aws:bedrock:eu-central-1:123456789012:guardrail-profile/eu.guardrail.v1:0'

describe('overrides', () => {
  it('come as texts from the command line', () => {
    const config = loadStageConfig({
      stage: 'dev',
      account: '123456789012',
      region: 'eu-central-1',
      maxConcurrency: '40',
      logRetentionDays: '14',
      frontDoor: 'false',
      alarmEmail: 'ops@example.com',
      bedrockModelArns: 'arn:aws:bedrock:eu-central-1::foundation-model/a, arn:aws:bedrock:eu-central-1::foundation-model/b',
      bedrockGuardrailArns: `${GUARDRAIL}, ${GUARDRAIL_PROFILE}`,
    })

    expect(config).toMatchObject({
      account: '123456789012',
      region: 'eu-central-1',
      maxConcurrency: 40,
      logRetentionDays: 14,
      frontDoor: false,
      alarmEmail: 'ops@example.com',
      bedrockModelArns: ['arn:aws:bedrock:eu-central-1::foundation-model/a', 'arn:aws:bedrock:eu-central-1::foundation-model/b'],
      bedrockGuardrailArns: [GUARDRAIL, GUARDRAIL_PROFILE],
    })
  })

  it('leave the flags of CDK alone', () => {
    const config = loadStageConfig({ stage: 'dev', '@aws-cdk/core:checkSecretUsage': true, 'aws:cdk:bundling-stacks': ['**'] })

    expect(config.stage).toBe('dev')
  })

  it.each<[string, unknown, string]>([
    ['account', '1234', 'account "1234": use the 12 digits of an AWS account'],
    ['region', 'frankfurt', 'region "frankfurt": use a region such as eu-central-1'],
    ['maxConcurrency', '1', 'maxConcurrency "1": '],
    ['maxConcurrency', 'many', 'maxConcurrency "many": '],
    ['maxWorkers', '1', 'maxWorkers "1": '],
    ['maxStreams', '0', 'maxStreams "0": '],
    ['logRetentionDays', '8', 'logRetentionDays "8": use one of 1, 3, 5, 7, 14, 30'],
    ['frontDoor', 'perhaps', 'frontDoor "perhaps": '],
    ['alarmEmail', 'ops', 'alarmEmail "ops": use an e-mail address'],
    ['removalPolicy', 'keep', 'removalPolicy "keep": '],
    ['bedrockGuardrailArns', 'arn:aws:bedrock:eu-central-1:123456789012:guardrail/*', 'bedrockGuardrailArns "arn:aws:bedrock:eu'],
    ['bedrockGuardrailArns', 'arn:aws:bedrock:eu-central-1::foundation-model/a', 'bedrockGuardrailArns "arn:aws:bedrock:eu'],
    ['bedrockModelArns', 'arn:aws:bedrock:*::foundation-model/*', 'bedrockModelArns "arn:aws:bedrock:*'],
    ['maxConcurency', '10', 'maxConcurency: no such setting'],
  ])('refuse %s=%s in one line', (name, value, message) => {
    const said = messageOf({ stage: 'dev', [name]: value })

    expect(said).toContain(message)
    expect(said).not.toContain('\n')
  })
})

describe('timeouts', () => {
  const isNested = (config: StageConfig): boolean =>
    config.providerTimeoutSeconds < config.executionTimeoutSeconds &&
    config.executionTimeoutSeconds < config.functionTimeoutSeconds &&
    config.functionTimeoutSeconds <= 900 &&
    config.functionTimeoutSeconds < config.visibilityTimeoutSeconds

  it.each(['local', 'dev', 'staging', 'prod'])('are nested in %s', (stage) => {
    expect(loadStageConfig({ stage })).toSatisfy(isNested)
  })

  it('follow the execution timeout, so that one override is enough', () => {
    const config = loadStageConfig({ stage: 'dev', executionTimeoutSeconds: '600' })

    expect(config).toMatchObject({ functionTimeoutSeconds: 660, visibilityTimeoutSeconds: 720 })
  })

  it.each([
    [
      'the provider outlasts the execution',
      { providerTimeoutSeconds: '300' },
      'providerTimeoutSeconds 300: must be less than executionTimeoutSeconds 300',
    ],
    [
      'the execution outlasts the function',
      { functionTimeoutSeconds: '300' },
      'executionTimeoutSeconds 300: must be less than functionTimeoutSeconds 300',
    ],
    [
      'the function outlasts Lambda',
      { executionTimeoutSeconds: '890' },
      'functionTimeoutSeconds 950: must be at most 900, the limit of Lambda',
    ],
    [
      'the queue shows a message again while its function runs',
      { visibilityTimeoutSeconds: '360' },
      'visibilityTimeoutSeconds 360: must be more than functionTimeoutSeconds 360',
    ],
    [
      'the visibility is more than SQS offers',
      { visibilityTimeoutSeconds: '43201' },
      'visibilityTimeoutSeconds 43201: must be at most 43200, the limit of SQS',
    ],
  ])('are refused when %s', (_, overrides, message) => {
    expect(messageOf({ stage: 'dev', ...overrides })).toBe(message)
  })
})

describe('access', () => {
  const oidc = { oidcIssuer: 'https://id.example.com/', oidcAudience: 'sluice', oidcTenantClaim: 'custom:tenant' }

  it('is on, and can be turned off on the stage local alone', () => {
    for (const stage of ['local', 'dev', 'staging', 'prod']) expect(loadStageConfig({ stage }).auth).toBe('on')
    expect(loadStageConfig({ stage: 'local', auth: 'off' }).auth).toBe('off')
    for (const stage of ['dev', 'staging', 'prod'])
      expect(messageOf({ stage, auth: 'off' })).toBe('auth "off": only the stage local may be open to everybody')
    expect(messageOf({ stage: 'local', auth: 'false' })).toBe('auth "false": use on or off')
  })

  it('takes a provider as a whole, over https', () => {
    expect(loadStageConfig({ stage: 'prod', ...oidc })).toMatchObject(oidc)
    expect(messageOf({ stage: 'prod', ...oidc, oidcIssuer: 'http://id.example.com' })).toBe(
      'oidcIssuer "http://id.example.com": must begin with https:// on every stage but local',
    )
    expect(messageOf({ stage: 'prod', oidcIssuer: oidc.oidcIssuer })).toBe(
      'oidcIssuer, oidcAudience, oidcTenantClaim: give all three or none',
    )
    expect(loadStageConfig({ stage: 'local', ...oidc, oidcIssuer: 'http://localhost:9000' }).oidcIssuer).toBe(
      'http://localhost:9000',
    )
  })
})

describe('limits', () => {
  it('are those of a cloud, and wide on a laptop', () => {
    expect(loadStageConfig({ stage: 'prod' })).toMatchObject({ requestsPerMinute: 100, tenantRequestsPerMinute: 1_000 })
    expect(loadStageConfig({ stage: 'local' })).toMatchObject({ requestsPerMinute: 6_000, tenantRequestsPerMinute: 60_000 })
    expect(loadStageConfig({ stage: 'dev', requestsPerMinute: '7' }).requestsPerMinute).toBe(7)
  })

  it('let pages of exact origins in, and none by default', () => {
    expect(loadStageConfig({ stage: 'prod' }).corsOrigins).toEqual([])
    expect(loadStageConfig({ stage: 'prod', corsOrigins: 'https://a.example.com, http://localhost:5173' }).corsOrigins).toEqual([
      'https://a.example.com',
      'http://localhost:5173',
    ])
  })

  it.each(['*', 'https://*.example.com', 'https://a.example.com/', 'http://a.example.com', 'null', 'https://u@a.example.com'])(
    'take %s for no origin',
    (corsOrigins) => {
      expect(messageOf({ stage: 'prod', corsOrigins })).toContain('use exact origins such as https://app.example.com')
    },
  )
})
