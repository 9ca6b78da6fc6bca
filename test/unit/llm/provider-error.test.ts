import { describe, expect, it } from 'vitest'
import { ProviderError } from '#shared/llm/provider-error.ts'

const failureOf = (details: Partial<ConstructorParameters<typeof ProviderError>[2]>) =>
  new ProviderError('provider_error', 'it failed', { provider: 'custom', ...details }).providerFailure

describe('ProviderError', () => {
  it('says who failed, and what they said of it in numbers and names', () => {
    expect(failureOf({ providerStatus: 429, providerCode: 'RESOURCE_EXHAUSTED', providerRequestId: 'req_011CSHoEeq' })).toEqual({
      name: 'custom',
      status: 429,
      code: 'RESOURCE_EXHAUSTED',
      requestId: 'req_011CSHoEeq',
    })
  })

  it('leaves out what was not said', () => {
    expect(failureOf({})).toEqual({ name: 'custom' })
  })

  it.each([
    ['', ''],
    ['sk-proj-0123456789abcdef', 'a request with spaces'],
    ['x'.repeat(65), 'y'.repeat(129)],
    ['line\nbreak', 'line\nbreak'],
  ])('takes %j for no name, and %j for no id', (providerCode, providerRequestId) => {
    expect(failureOf({ providerCode, providerRequestId })).toEqual({ name: 'custom' })
  })
})
