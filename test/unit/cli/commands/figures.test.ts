import { describe, expect, it, vi } from 'vitest'
import { addCounters } from '#shared/metrics/counters.ts'
import { figuresOf } from '#shared/metrics/figures.ts'
import { observation } from '#shared/metrics/histogram.ts'
import type { AgentMetrics, Usage } from '#shared/protocol/metrics.ts'
import type { CliClient } from '../../../../cli/connect.ts'
import { main } from '../../../../cli/main.ts'
import { cliContext } from '../../../helpers/cli-context.ts'

async function run(args: string[], client: Partial<CliClient> = {}) {
  const context = cliContext({ client })
  const exitCode = await main(args, context)
  const rows = context
    .out()
    .trimEnd()
    .split('\n')
    .map((line) => line.split(/ {2,}/))
  return { exitCode, out: context.out(), rows, err: context.err() }
}

const range = { from: '2026-11-20T00:00:00.000Z', to: '2026-11-21T09:30:00.000Z' }
const usage: Usage = {
  by: 'agent',
  ...range,
  totals: { executions: 3, inputTokens: 30, outputTokens: 60, costMicroUsd: 12_345, priced: true },
  items: [{ agentId: 'assistant', executions: 3, inputTokens: 30, outputTokens: 60, costMicroUsd: 12_345, priced: true }],
}

describe('usage', () => {
  it('shows a line for each agent, and the sum', async () => {
    vi.useFakeTimers({ now: Date.parse('2026-11-21T09:30:00Z'), toFake: ['Date'] })
    const asked = vi.fn(async () => usage)

    const { exitCode, rows } = await run(['usage', '--by', 'agent', '--last', '7d'], { usage: asked })
    vi.useRealTimers()

    expect(exitCode).toBe(0)
    expect(rows).toEqual([
      ['AGENT', 'EXECUTIONS', 'INPUT TOKENS', 'OUTPUT TOKENS', 'COST'],
      ['assistant', '3', '30', '60', '$0.0123'],
      ['total', '3', '30', '60', '$0.0123'],
    ])
    expect(asked).toHaveBeenCalledWith(expect.objectContaining({ by: 'agent', from: '2026-11-14T09:30:00.000Z' }))
  })

  it('names models with their providers', async () => {
    const item = { provider: 'openai', model: 'gpt-4o', calls: 4, ...usage.totals }

    const { rows } = await run(['usage', '--by', 'model'], { usage: async () => ({ ...usage, by: 'model', items: [item] }) })

    expect(rows[1]).toEqual(['openai/gpt-4o', '3', '30', '60', '$0.0123'])
  })

  it('names those who asked', async () => {
    const item = { source: '/principals/ada', ...usage.totals }
    const asked = vi.fn(async (): Promise<Usage> => ({ ...usage, by: 'source', items: [item] }))

    const { rows } = await run(['usage', '--by', 'source'], { usage: asked })

    expect(rows.slice(0, 2).map(([name]) => name)).toEqual(['SOURCE', '/principals/ada'])
    expect(asked).toHaveBeenCalledWith(expect.objectContaining({ by: 'source' }))
  })

  it('names no cost where no price is known, and one where it is nothing', async () => {
    const own = { provider: 'ollama', model: 'llama3', ...usage.totals, costMicroUsd: 0, priced: false }
    const free = { provider: 'google', model: 'gemma', ...usage.totals, costMicroUsd: 0 }

    const { rows } = await run(['usage', '--by', 'model'], { usage: async () => ({ ...usage, by: 'model', items: [own, free] }) })

    expect(rows.map((row) => row.at(-1))).toEqual(['COST', '–', '$0.0000', '$0.0123'])
  })

  it('gives programs what the server said', async () => {
    expect(JSON.parse((await run(['usage', '--json'], { usage: async () => usage })).out)).toEqual(usage)
  })

  it.each([[['usage', '--by', 'week']], [['usage', 'all']], [['usage', '--last', 'long']]])('refuses %j', async (args) => {
    const { exitCode, err } = await run(args)

    expect(exitCode).toBe(2)
    expect(err).not.toBe('')
  })
})

describe('metrics', () => {
  const figures = figuresOf(
    addCounters({ started: 2, completed: 1, failed: 1 }, observation('duration', 600), observation('duration', 900)),
  )
  const answer: AgentMetrics = {
    agentId: 'assistant',
    step: 'hour',
    ...range,
    totals: figures,
    series: [{ time: '2026-11-21T09:00:00.000Z', ...figures }],
  }

  it('shows a line for each hour, and the sum', async () => {
    const { exitCode, rows } = await run(['metrics', 'assistant'], { agentMetrics: async () => answer })

    expect(exitCode).toBe(0)
    const shown = ['2', '1', '1', '50.0 %', '0.75 s', '0.97 s']
    expect(rows.slice(1)).toEqual([
      ['2026-11-21T09:00:00.000Z', ...shown],
      ['total', ...shown],
    ])
  })

  it('says so when nothing happened', async () => {
    const nothing = { ...answer, totals: figuresOf({}), series: [] }
    const { rows, err } = await run(['metrics', 'assistant'], { agentMetrics: async () => nothing })

    expect(err).toContain('nothing happened')
    expect(rows.at(-1)).toEqual(['total', '0', '0', '0', '-', '-', '-'])
  })

  it.each([[['metrics']], [['metrics', 'a', 'b']], [['metrics', 'a', '--step', 'week']]])('refuses %j', async (args) => {
    expect((await run(args)).exitCode).toBe(2)
  })
})

describe('queues', () => {
  it('shows a line for each queue', async () => {
    const queues = [{ name: 'sluice-local-work', purpose: 'work', deadLetters: false, visible: 3, inFlight: 1, delayed: 2 }]

    const { exitCode, rows } = await run(['queues'], { queues: async () => ({ queues }) })

    expect(exitCode).toBe(0)
    expect(rows).toEqual([
      ['QUEUE', 'WAITING', 'IN FLIGHT', 'DELAYED'],
      ['sluice-local-work', '3', '1', '2'],
    ])
  })
})
