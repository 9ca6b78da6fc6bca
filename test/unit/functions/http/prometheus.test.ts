import { describe, expect, it } from 'vitest'
import { addCounters } from '#shared/metrics/counters.ts'
import { observation } from '#shared/metrics/histogram.ts'
import { httpCaller } from '../../../helpers/http-caller.ts'
import { parsePrometheus } from '../../../helpers/prometheus.ts'

async function scrape(caller: ReturnType<typeof httpCaller>) {
  const { status, headers, text } = await caller.callText('GET', '/metrics')
  expect(status).toBe(200)
  expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
  return parsePrometheus(text)
}

describe('GET /metrics', () => {
  it('has the names and types of the orchestrator document, for a tenant that has done nothing', async () => {
    const families = await scrape(httpCaller())

    expect(Object.fromEntries([...families].map(([name, { type }]) => [name, type]))).toMatchObject({
      agent_orchestrator_active_agents: 'gauge',
      agent_orchestrator_total_sessions: 'counter',
      agent_orchestrator_session_duration_seconds: 'histogram',
      agent_orchestrator_task_success_rate: 'gauge',
      agent_orchestrator_requests_total: 'counter',
      agent_orchestrator_errors_total: 'counter',
    })
    expect(families.get('agent_orchestrator_task_success_rate')?.samples).toEqual([])
  })

  it('tells the totals of the tenant alone', async () => {
    const caller = httpCaller()
    const { counters, census } = caller.dependencies
    const once = addCounters(
      { queued: 1, started: 1, completed: 1, inputTokens: 5, costMicroUsd: 250_000 },
      observation('duration', 700),
    )
    const wrong = addCounters({ queued: 1, started: 1, failed: 1, 'error:provider_error': 1 }, observation('duration', 9_000))
    const mine = { tenant: 'acme', agentId: 'assistant', at: 0 }
    await counters.add([
      ...[once, once, once, wrong].map((each) => ({ ...mine, counters: each })),
      { ...mine, tenant: 'other', counters: once },
    ])
    await census.note({ tenant: 'acme', agentId: 'assistant' }, { status: 'running', health: 'healthy' })
    await census.note({ tenant: 'other', agentId: 'assistant' }, { status: 'running', health: 'healthy' })

    const families = await scrape(caller)

    const values = (name: string) =>
      Object.fromEntries(
        (families.get(name)?.samples ?? []).map(({ name: sample, labels, value }) => [
          `${sample}${JSON.stringify(labels)}`,
          value,
        ]),
      )
    expect(values('agent_orchestrator_active_agents')).toEqual({ 'agent_orchestrator_active_agents{}': 1 })
    expect(values('agent_orchestrator_total_sessions')).toEqual({ 'agent_orchestrator_total_sessions{}': 4 })
    expect(values('agent_orchestrator_task_success_rate')).toEqual({ 'agent_orchestrator_task_success_rate{}': 0.75 })
    expect(values('agent_orchestrator_session_duration_seconds')).toMatchObject({
      'agent_orchestrator_session_duration_seconds_bucket{"le":"0.5"}': 0,
      'agent_orchestrator_session_duration_seconds_bucket{"le":"1"}': 3,
      'agent_orchestrator_session_duration_seconds_bucket{"le":"10"}': 4,
      'agent_orchestrator_session_duration_seconds_bucket{"le":"+Inf"}': 4,
      'agent_orchestrator_session_duration_seconds_sum{}': 11.1,
      'agent_orchestrator_session_duration_seconds_count{}': 4,
    })
    expect(values('sluice_tokens_total')).toMatchObject({ 'sluice_tokens_total{"direction":"input"}': 15 })
    expect(values('sluice_model_cost_dollars_total')).toEqual({ 'sluice_model_cost_dollars_total{}': 0.75 })
  })

  it('counts the requests before it by route, whatever callers write into paths', async () => {
    const caller = httpCaller()
    await caller.call('GET', '/v1/agents/one')
    await caller.call('GET', '/v1/agents/two%22%7D%0Aevil_metric%201')
    await caller.call('GET', '/v1/nowhere/at-all')
    await caller.call('GET', '/v1/agents', { token: await caller.tokenOf('other') })

    const families = await scrape(caller)

    expect(families.get('agent_orchestrator_requests_total')?.samples).toEqual([
      { name: 'agent_orchestrator_requests_total', labels: { method: 'GET', route: '/v1/agents/{agentId}' }, value: 2 },
    ])
    const errors = families.get('agent_orchestrator_errors_total')?.samples.map(({ labels, value }) => [labels.type, value])
    expect(errors).toEqual([
      ['not_found', 1],
      ['validation_error', 1],
    ])
  })

  it('is not there when it is switched off', async () => {
    const { call } = httpCaller({ metricsEnabled: false })

    expect((await call('GET', '/metrics')).status).toBe(404)
  })
})
