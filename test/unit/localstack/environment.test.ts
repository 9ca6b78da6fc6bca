import { describe, expect, it } from 'vitest'
import { environmentKeys } from '../../../localstack/demo-agents.ts'
import { childEnvironment, readEnvironment } from '../../../localstack/environment.ts'

describe('readEnvironment', () => {
  it('needs nothing', () => {
    expect(readEnvironment({})).toEqual({
      endpointUrl: undefined,
      region: 'us-east-1',
      openai: undefined,
      keys: {},
      llm: undefined,
      ollama: undefined,
      requireAuth: true,
      metrics: true,
      ci: false,
    })
  })

  it.each(['false', '0', 'no', 'off', ' False '])('turns authentication off when it is asked to: REQUIRE_AUTH=%s', (value) => {
    expect(readEnvironment({ REQUIRE_AUTH: value }).requireAuth).toBe(false)
  })

  it.each(['', 'true', '1', 'maybe'])('leaves authentication on for everything else: REQUIRE_AUTH=%s', (value) => {
    expect(readEnvironment({ REQUIRE_AUTH: value }).requireAuth).toBe(true)
  })

  it.each([
    ['false', false],
    ['0', false],
    ['true', true],
    ['', true],
  ])('switches metrics: AGENT_METRICS_ENABLED=%s', (value, metrics) => {
    expect(readEnvironment({ AGENT_METRICS_ENABLED: value }).metrics).toBe(metrics)
  })

  it('takes the keys of further vendors, and the model of the stage', () => {
    const environment = readEnvironment({
      ANTHROPIC_API_KEY: 'key-1',
      GOOGLE_API_KEY: 'key-2',
      LLM_MODEL: 'gpt-4.1-mini',
      LLM_ENDPOINT: 'http://127.0.0.1:8000/v1/',
      LLM_API_KEY: 'key-3',
      LLM_TIMEOUT: '30',
      LLM_MAX_TOKENS: '1000',
    })

    expect(environment.keys).toEqual({ anthropic: { apiKey: 'key-1' }, google: { apiKey: 'key-2' } })
    expect(environment.llm).toEqual({
      model: 'gpt-4.1-mini',
      endpoint: 'http://127.0.0.1:8000/v1',
      apiKey: 'key-3',
      timeoutSeconds: '30',
      maxTokens: '1000',
    })
    expect(environmentKeys(environment).map(({ service }) => service)).toEqual(['anthropic', 'google', 'default'])
  })

  it.each(['OPENAI_API_KEY', 'ANTHROPIC_API_KEY', 'GOOGLE_API_KEY', 'LLM_API_KEY'])('gives no process the key %s', (name) => {
    expect(JSON.stringify(childEnvironment({}, { [name]: 'planted-key', HOME: '/home' }))).not.toContain('planted-key')
  })

  it('takes model servers and an endpoint, with or without a slash at the end', () => {
    const environment = readEnvironment({
      AWS_ENDPOINT_URL: 'http://localhost:4566/',
      OPENAI_API_KEY: 'key',
      OPENAI_BASE_URL: 'http://gateway/v1/',
      OLLAMA_BASE_URL: 'http://localhost:11434/v1',
      OLLAMA_MODEL: 'qwen3',
    })
    expect(environment.endpointUrl).toBe('http://localhost:4566')
    expect(environment.openai).toMatchObject({ apiKey: 'key', baseUrl: 'http://gateway/v1' })
    expect(environment.ollama).toEqual({ url: 'http://localhost:11434', model: 'qwen3' })
  })
})

describe('childEnvironment', () => {
  it('cannot reach an account, and finds the project’s Node first', () => {
    const environment = childEnvironment(
      { EXTRA: '1' },
      {
        PATH: '/usr/bin',
        AWS_PROFILE: 'work',
        AWS_SESSION_TOKEN: 'real',
        AWS_ACCESS_KEY_ID: 'real',
        AWS_SECRET_ACCESS_KEY: 'real',
      },
    )
    expect(environment).toMatchObject({ AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', EXTRA: '1' })
    expect(environment).not.toHaveProperty('AWS_PROFILE')
    expect(environment).not.toHaveProperty('AWS_SESSION_TOKEN')
    expect(environment.PATH).toMatch(/node_modules\/\.bin:\/usr\/bin$/)
  })

  it('takes a rate of requests, and nothing that is none', () => {
    expect(readEnvironment({}).rateLimitPerMinute).toBeUndefined()
    expect(readEnvironment({ RATE_LIMIT_PER_MINUTE: '100' }).rateLimitPerMinute).toBe(100)
    for (const rate of ['0', '-1', '1e3', 'many', '1000000'])
      expect(() => readEnvironment({ RATE_LIMIT_PER_MINUTE: rate })).toThrow(`RATE_LIMIT_PER_MINUTE "${rate}" is no rate`)
  })
})
