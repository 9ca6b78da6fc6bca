import { describe, expect, it } from 'vitest'
import { ERROR_STATUS, type ErrorCode, isRetryableCode } from '#shared/protocol/error-codes.ts'

const codes = Object.keys(ERROR_STATUS) as ErrorCode[]

describe('error codes', () => {
  it('answer with an HTTP status of an error', () => {
    for (const code of codes) expect(ERROR_STATUS[code]).toSatisfy((status: number) => status >= 400 && status < 600)
  })

  it('say "later" only for what can go away by itself', () => {
    expect(codes.filter(isRetryableCode)).toEqual([
      'queue_full',
      'rate_limit',
      'no_agent_available',
      'unavailable',
      'timeout',
      'network_error',
      'provider_error',
    ])
  })
})
