import { describe, expect, it } from 'vitest'
import { main } from '../../../../cli/main.ts'
import type { HttpCall } from '../../../../web/client/http.ts'
import { SluiceClientError } from '../../../../web/client/index.ts'
import { cliContext } from '../../../helpers/cli-context.ts'

const ENTRY = {
  provider: 'openai',
  model: 'gpt-4o*',
  contextTokens: 128_000,
  price: { input: 2_500_000, output: 10_000_000 },
  abilities: { images: true, tools: true, reasoning: false },
  asOf: '2026-06-21',
  source: 'https://example.com',
}
const BUDGET = {
  budgetId: 'monthly',
  scope: {},
  period: 'month',
  warnAtPercent: 80,
  action: 'stop',
  limitMicroUsd: 50_000_000,
  spentMicroUsd: 12_500_000,
  reservedMicroUsd: 0,
  leftMicroUsd: 37_500_000,
  percent: 25,
  renewsAt: '2026-12-01T00:00:00.000Z',
}

/** A front door that answers each call with the next of these; errors are thrown. */
async function run(args: string[], ...answers: unknown[]) {
  const calls: ({ path: string } & HttpCall)[] = []
  const http = async <Answer>(path: string, { signal: _, ...call }: HttpCall = {}): Promise<Answer> => {
    calls.push({ path, ...call })
    const answer = answers.shift()
    if (answer instanceof Error) throw answer
    return answer as Answer
  }
  const context = cliContext({ http })
  const exitCode = await main(args, context)
  const rows = context
    .out()
    .trimEnd()
    .split('\n')
    .map((line) => line.split(/ {2,}/))
  return { exitCode, calls, rows, out: context.out(), err: context.err() }
}

describe('models', () => {
  it('shows all pages, and whose word counts', async () => {
    const { rows, calls } = await run(
      ['models', '--provider', 'openai'],
      { models: [ENTRY], next: 'c 1' },
      { models: [{ provider: 'openai', model: 'own', asOf: '2026-11-21', source: 'tenant' }] },
    )

    expect(calls.map(({ path }) => path)).toEqual([
      '/v1/models?limit=200&provider=openai',
      '/v1/models?limit=200&provider=openai&after=c+1',
    ])
    expect(rows.slice(1)).toEqual([
      ['openai', 'gpt-4o*', '128,000', '-', '$2.5 / $10', 'images tools', '2026-06-21'],
      ['openai', 'own', '-', '-', '-', '-', 'yours, 2026-11-21'],
    ])
  })

  it('says what counts, and takes it back', async () => {
    const set = await run(['models', 'set', 'ollama', 'llama2:13b', 'contextTokens=4096', 'abilities.tools=false'], ENTRY)
    const unset = await run(['models', 'unset', 'ollama', 'llama2:13b'], undefined)

    expect(set.calls).toEqual([
      { path: '/v1/models/ollama/llama2%3A13b', method: 'PUT', body: { contextTokens: 4_096, abilities: { tools: false } } },
    ])
    expect(unset).toMatchObject({ exitCode: 0, calls: [{ path: '/v1/models/ollama/llama2%3A13b', method: 'DELETE' }] })
  })

  it.each(['drops=temperature,topP', 'drops=temperature, topP', 'drops=["temperature","topP"]'])('takes %s', async (field) => {
    const { calls } = await run(['models', 'set', 'openai', 'gpt-4o', field], ENTRY)

    expect(calls).toMatchObject([{ body: { drops: ['temperature', 'topP'] } }])
  })

  it.each(['drops=colour', 'drops=temperature,', 'drops=', 'drops=true'])('says what it wants instead of %s', async (field) => {
    const { exitCode, err, calls } = await run(['models', 'set', 'openai', 'gpt-4o', field])

    expect({ exitCode, calls }).toEqual({ exitCode: 2, calls: [] })
    expect(err).toContain('drops=temperature,topP; there are: temperature, maxTokens, topP')
  })

  it('names a field that it does not know', async () => {
    expect((await run(['models', 'set', 'openai', 'gpt-4o', 'colour=red'])).err).toMatch(
      /^error usage: Unrecognized key: "colour"/,
    )
  })

  it.each([
    [['models', 'set', 'openai']],
    [['models', 'set', 'openai', 'gpt-4o']],
    [['models', 'set', 'openai', 'gpt-4o', 'contextTokens=many']],
    [['models', 'set', 'openai', 'gpt-4o', 'colour=red']],
    [['models', 'unset', 'openai', 'gpt-4o', 'more']],
    [['models', 'set', 'custom', 'meta-llama/x', 'contextTokens=1']],
    [['models', 'find']],
    [['models', 'set', 'openai', 'gpt-4o', 'contextTokens=1', '--provider', 'openai']],
  ])('refuses %j before it calls', async (args) => {
    expect(await run(args)).toMatchObject({ exitCode: 2, calls: [], out: '' })
  })
})

describe('budgets', () => {
  it('shows how they stand', async () => {
    const { rows } = await run(['budgets'], {
      budgets: [BUDGET, { ...BUDGET, budgetId: 'ada', scope: { source: '/principals/ada' } }],
    })

    expect(rows.slice(1)).toEqual([
      ['monthly', 'all', '$50.0000 a month', '$12.5000', '$37.5000', '25 %', 'stop', '2026-12-01T00:00:00.000Z'],
      ['ada', '/principals/ada', '$50.0000 a month', '$12.5000', '$37.5000', '25 %', 'stop', '2026-12-01T00:00:00.000Z'],
    ])
  })

  it('shows fractions of a cent as what they are', async () => {
    const small = { ...BUDGET, limitMicroUsd: 500, spentMicroUsd: 1, leftMicroUsd: 499 }
    const { rows } = await run(['budgets'], { budgets: [small] })

    expect(rows[1]?.slice(2, 5)).toEqual(['$0.000500 a month', '$0.000001', '$0.000499'])
  })

  it('sets and removes one', async () => {
    const flags = ['--limit', '2.50', '--period', 'day', '--agent', 'assistant', '--warn-at', '75', '--warn-only']
    const set = await run(['budgets', 'set', 'a', ...flags, '--json'], BUDGET)
    const removed = await run(['budgets', 'remove', 'a'], undefined)

    expect(set.calls[0]).toEqual({
      path: '/v1/budgets/a',
      method: 'PUT',
      body: { period: 'day', limitUsd: 2.5, scope: { agentId: 'assistant' }, warnAtPercent: 75, action: 'warn' },
    })
    expect(JSON.parse(set.out)).toEqual(BUDGET)
    expect(removed.calls).toEqual([{ path: '/v1/budgets/a', method: 'DELETE' }])
  })

  it.each([
    [new SluiceClientError('not_found', 'no'), 'warning: there is no agent "ann/1" yet; npx sluice agents lists them\n'],
    [new SluiceClientError('forbidden', 'no'), ''],
    [{ agentId: 'ann/1' }, ''],
  ])('warns when nobody has the name of the agent', async (answer, warning) => {
    const { exitCode, calls, err } = await run(['budgets', 'set', 'a', '--limit', '1', '--agent', 'ann/1'], BUDGET, answer)

    expect({ exitCode, err }).toEqual({ exitCode: 0, err: warning })
    expect(calls[1]).toEqual({ path: '/v1/agents/ann%2F1' })
  })

  it.each([
    [['budgets', 'set', 'a']],
    [['budgets', 'set', '--limit', '1']],
    [['budgets', 'set', 'a', '--limit', 'all']],
    [['budgets', 'set', 'a', '--limit', '-1']],
    [['budgets', 'set', 'a', '--limit', '0']],
    [['budgets', '--limit', '1']],
    [['budgets', 'remove']],
    [['budgets', 'spend', 'a']],
  ])('refuses %j before it calls', async (args) => {
    expect(await run(args)).toMatchObject({ exitCode: 2, calls: [], out: '' })
  })
})
