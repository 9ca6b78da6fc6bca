import { expect, it } from 'vitest'
import { healthScore } from '#shared/metrics/health-score.ts'
import type { Agent } from '#shared/protocol/agent.ts'

const queue = { open: true, limit: 10, active: 0, waiting: 0 }

it.each<[number | null, Agent['status'], Agent['health'], number, object]>([
  [100, 'running', 'healthy', 0, {}],
  [85, 'running', 'unknown', 0, {}],
  [75, 'running', 'healthy', 0, { completed: 1, failed: 1 }],
  [90, 'running', 'healthy', 50, {}],
  [80, 'paused', 'healthy', 1_000, {}],
  [0, 'running', 'offline', 100, { failed: 3 }],
  [0, 'failed', 'healthy', 0, {}],
  [null, 'stopped', 'healthy', 0, {}],
  [null, 'created', 'unknown', 0, {}],
])('is %s: %s, %s, %s waiting, %j', (score, status, health, waiting, recent) => {
  expect(healthScore({ status, health }, { ...queue, waiting }, recent as Record<string, number>)).toBe(score)
})
