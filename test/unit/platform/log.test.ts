import { describe, expect, it } from 'vitest'
import { memoryLog } from '#shared/platform/log.ts'

describe('memoryLog', () => {
  it('keeps its lines in order, with level, code and fields', () => {
    const log = memoryLog()

    log.info('execution_started', { executionId: 'e-1' })
    log.warn('lease_lost')
    log.error('request_failed', { status: 500 })

    expect(log.lines).toEqual([
      { level: 'info', code: 'execution_started', fields: { executionId: 'e-1' } },
      { level: 'warn', code: 'lease_lost', fields: {} },
      { level: 'error', code: 'request_failed', fields: { status: 500 } },
    ])
  })
})
