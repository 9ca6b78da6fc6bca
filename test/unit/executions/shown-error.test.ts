import { describe, expect, it } from 'vitest'
import { shownError } from '#shared/executions/shown-error.ts'
import { ProviderError } from '#shared/llm/provider-error.ts'
import { SluiceError, ValidationError } from '#shared/platform/errors.ts'

describe('shownError', () => {
  it('says what is wrong', () => {
    expect(shownError(new ValidationError('use a city'))).toEqual({ code: 'validation_error', detail: 'use a city' })
  })

  it('says whose error it was, and by what its owner finds the call', () => {
    const details = { provider: 'openai', providerStatus: 429, providerCode: 'insufficient_quota', providerRequestId: 'req_1' }

    expect(shownError(new ProviderError('rate_limit', 'limited', details))).toEqual({
      code: 'rate_limit',
      detail: 'limited',
      provider: { name: 'openai', status: 429, code: 'insufficient_quota', requestId: 'req_1' },
    })
  })

  it('hides what is nobody’s business', () => {
    expect(shownError(new SluiceError('internal', 'at /var/task/secret.ts')).detail).not.toContain('secret')
  })

  it.each(['x', '🚢', 'é'])('is never too large for a record or a frame: %s', (letter) => {
    const { detail } = shownError(new ValidationError(letter.repeat(1_000_000)))

    expect(detail.length).toBeLessThanOrEqual(4_000)
    expect(detail.isWellFormed()).toBe(true)
    expect(detail).toMatch(/…$/)
  })
})
