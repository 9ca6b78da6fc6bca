import { describe, expect, it } from 'vitest'
import { doorOf } from '../../../localstack/front-door/doors.ts'

describe('doorOf', () => {
  it.each([
    ['/v1/agents', 'http'],
    ['/v1/', 'http'],
    ['/health', 'http'],
    ['/ready', 'http'],
    ['/metrics', 'http'],
    ['/orchestrator/register', 'http'],
    ['/agents', 'http'],
    ['/agents/register', 'http'],
    ['/tasks/submit', 'http'],
    ['/tasks/e-1', 'http'],
    ['/socket', 'socket'],
    ['/streams/executions/1', 'streams'],
    ['/openai/v1/chat/completions', 'openai'],
    ['/openai', 'console'],
    ['/', 'console'],
    ['/v1', 'console'],
    ['/v10/agents', 'console'],
    ['/healthy', 'console'],
    ['/agents.html', 'console'],
    ['/tasks', 'console'],
    ['/socket/more', 'console'],
    ['/assets/index.js', 'console'],
  ])('%s is served by %s', (path, door) => {
    expect(doorOf(path)).toBe(door)
  })
})
