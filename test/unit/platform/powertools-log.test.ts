import { afterEach, describe, expect, it, vi } from 'vitest'
import { powertoolsLog } from '#shared/platform/powertools-log.ts'

describe('powertoolsLog', () => {
  afterEach(() => void vi.restoreAllMocks())

  it.each(['info', 'warn', 'error'] as const)(
    'writes one JSON line for %s: the code is the message, fields stand beside it',
    (level) => {
      const printed = vi.spyOn(console, level).mockImplementation(() => undefined)

      powertoolsLog('execute')[level]('execution_started', { executionId: 'e-1' })

      expect(printed).toHaveBeenCalledTimes(1)
      expect(JSON.parse(String(printed.mock.calls[0]?.[0]))).toMatchObject({
        level: level.toUpperCase(),
        service: 'execute',
        message: 'execution_started',
        executionId: 'e-1',
      })
    },
  )
})
