import { Counter, Gauge, Registry } from '@prometheus-io/client'
import type { AgentCounts } from './agent-census.ts'
import { addCounters, type Counters, countOf, countsBy, ENDINGS, successRate } from './counters.ts'
import { METRIC } from './metric-names.ts'
import { StoredHistogram } from './stored-histogram.ts'

/** What a tenant's metrics are made of. */
export type ScrapedTotals = { executions: Counters; requests: Counters; agents: AgentCounts; connections: number }

/** A tenant's metrics in Prometheus' text format. Every scrape has a registry of its own: nothing lives in the process. */
export async function prometheusText(totals: ScrapedTotals): Promise<{ text: string; contentType: string }> {
  const registry = new Registry()
  addOrchestrator(registry, totals)
  addOwn(registry, totals)
  return { text: await registry.metrics(), contentType: registry.contentType }
}

/** Those of the orchestrator document. */
function addOrchestrator(registry: Registry, { executions, requests, agents }: ScrapedTotals): void {
  const registers = [registry]
  new Gauge({ name: METRIC.activeAgents, help: 'Agents that are running.', registers }).set(agents.statuses.running ?? 0)
  new Counter({ name: METRIC.sessions, help: 'Executions that have started.', registers }).inc(countOf(executions, 'started'))
  const duration = 'Time from the start of an execution to its end.'
  registry.registerMetric(new StoredHistogram(METRIC.sessionDuration, duration, 'duration', executions))
  const help = 'Completed executions, as a share of those that completed, failed or timed out.'
  const rate = new Gauge({ name: METRIC.successRate, help, registers })
  const share = successRate(executions)
  // Without any execution there is no rate, and so no sample; a gauge begins with one of 0.
  if (share === null) rate.remove()
  else rate.set(share)

  const answered = new Counter({
    name: METRIC.requests,
    help: 'Requests of the HTTP API, by method and route.',
    labelNames: ['method', 'route'],
    registers,
  })
  for (const [request, count] of Object.entries(countsBy(requests, 'request:'))) {
    const [method = '', route = ''] = request.split(' ')
    answered.inc({ method, route }, count)
  }
  const errors = new Counter({
    name: METRIC.errors,
    help: 'Errors that executions ended with and requests were answered with, by code.',
    labelNames: ['type'],
    registers,
  })
  for (const [type, count] of Object.entries(addCounters(countsBy(executions, 'error:'), countsBy(requests, 'error:'))))
    errors.inc({ type }, count)
}

/** Those of ours. */
function addOwn(registry: Registry, { executions, agents, connections }: ScrapedTotals): void {
  const registers = [registry]
  const byStatus = new Gauge({ name: METRIC.agents, help: 'Agents, by status.', labelNames: ['status'], registers })
  for (const [status, count] of Object.entries(agents.statuses)) byStatus.set({ status }, count)
  const byHealth = new Gauge({ name: METRIC.agentHealth, help: 'Agents, by health.', labelNames: ['health'], registers })
  for (const [health, count] of Object.entries(agents.healths)) byHealth.set({ health }, count)

  new Counter({ name: METRIC.accepted, help: 'Executions that were accepted.', registers }).inc(countOf(executions, 'queued'))
  const ended = new Counter({
    name: METRIC.ended,
    help: 'Executions that have ended, by status.',
    labelNames: ['status'],
    registers,
  })
  for (const status of ENDINGS) ended.inc({ status }, countOf(executions, status))
  const retries = 'Attempts that failed and were followed by another one.'
  new Counter({ name: METRIC.retries, help: retries, registers }).inc(countOf(executions, 'retries'))
  const wait = 'Time from an accepted execution to its start.'
  registry.registerMetric(new StoredHistogram(METRIC.queueWait, wait, 'wait', executions))
  const tokens = new Counter({ name: METRIC.tokens, help: 'Tokens of models.', labelNames: ['direction'], registers })
  tokens.inc({ direction: 'input' }, countOf(executions, 'inputTokens'))
  tokens.inc({ direction: 'output' }, countOf(executions, 'outputTokens'))
  const cost = 'What models cost, in dollars, where their prices are known.'
  new Counter({ name: METRIC.modelCost, help: cost, registers }).inc(countOf(executions, 'costMicroUsd') / 1_000_000)

  new Gauge({ name: METRIC.connections, help: 'Open sockets.', registers }).set(connections)
}
