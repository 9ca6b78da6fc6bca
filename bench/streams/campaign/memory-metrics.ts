import { memoryTenantGate } from '#shared/limits/memory-tenant-gate.ts'
import { memoryQueueDepths } from '#shared/messaging/memory-queue-depths.ts'
import { noMetrics } from '#shared/metrics/embedded-metrics.ts'
import { memoryAgentCensus } from '#shared/metrics/memory-agent-census.ts'
import { memoryCounterStore } from '#shared/metrics/memory-counter-store.ts'
import { requestCounts } from '#shared/metrics/request-counts.ts'
import type { Clock } from '#shared/platform/clock.ts'
import { memorySecretStates } from '#shared/platform/memory-secret-states.ts'
import type { PresenceStore } from '#shared/streams/presence-store.ts'
import type { MetricsDependencies } from '../../../functions/http/metrics-dependencies.ts'
import { vitalCountsOf } from '../../../functions/http/vital-counts.ts'

/** Figures in memory, of a platform without queues and secrets; tests use it too. */
export function memoryMetrics(presence: PresenceStore, clock: Clock): Omit<MetricsDependencies, 'connections'> {
  const counters = memoryCounterStore()
  return {
    counters,
    census: memoryAgentCensus(),
    requestCounts: requestCounts(counters, { tenants: memoryTenantGate(), clock, metrics: noMetrics }),
    vitalCounts: vitalCountsOf(presence, counters, clock),
    queueDepths: memoryQueueDepths(),
    secretStates: memorySecretStates(),
    platformSecrets: ['sluice-test-token-key', 'sluice-test-webhook-key'],
    platform: 'sluice-test',
    metricsEnabled: true,
  }
}
