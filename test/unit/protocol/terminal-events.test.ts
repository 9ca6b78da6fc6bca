import { describe, expect, it } from 'vitest'
import { isTerminalEvent } from '#shared/protocol/terminal-events.ts'

describe('isTerminalEvent', () => {
  it.each(['completed', 'failed', 'timed_out', 'cancelled'])('is true for %s', (type) => {
    expect(isTerminalEvent({ type })).toBe(true)
  })

  it.each(['started', 'retrying', 'thinking', 'content_chunk', 'usage', 'message', ''])('is false for "%s"', (type) => {
    expect(isTerminalEvent({ type })).toBe(false)
  })
})
