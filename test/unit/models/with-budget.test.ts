import { describe, expect, it } from 'vitest'
import type { LlmEvent, LlmProvider } from '#shared/llm/llm-provider.ts'
import type { Budgets, Reservation } from '#shared/models/budgets.ts'
import { withBudget } from '#shared/models/with-budget.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import { llmRequest, never, outcomeOf } from '../../helpers/llm.ts'
import { CALLER, providerError } from '../../helpers/model-calls.ts'

const ESTIMATE = 500
const HELD: Reservation = [{ budgetId: 'monthly', period: '2026-11', holdId: 'h', amountMicroUsd: ESTIMATE }]

const model = (name: string): LlmEvent => ({ type: 'model', provider: 'scripted', model: name })
const usage = (costMicroUsd?: number): LlmEvent => ({
  type: 'usage',
  inputTokens: 1,
  outputTokens: 1,
  ...(costMicroUsd !== undefined && { costMicroUsd }),
})
const text: LlmEvent = { type: 'text', text: 'Hello' }

/** A call that says these events within a budget, and what was settled for it. */
async function called(
  events: LlmEvent[],
  { error, warnings = [], refused }: { error?: Error; warnings?: string[]; refused?: Error } = {},
) {
  const settled: unknown[] = []
  let asked = 0
  const budgets: Budgets = {
    async admit(_, estimate) {
      if (refused) throw refused
      expect(estimate).toBe(ESTIMATE)
      return { reservation: HELD, warnings }
    },
    async settle(...given) {
      settled.push(given)
    },
  }
  const provider: LlmProvider = {
    async *stream() {
      asked++
      yield* events
      if (error) throw error
    },
  }
  const limited = withBudget(provider, { budgets, caller: CALLER, estimate: async () => ESTIMATE })
  const outcome = await outcomeOf(limited.stream(llmRequest('Hi'), never()))
  return { ...outcome, settled, asked }
}

describe('withBudget', () => {
  it.each<[string, LlmEvent[], number]>([
    ['what the model told at last', [model('one'), text, usage(10), usage(12)], 12],
    ['what each model told', [model('one'), usage(10), model('two'), text, usage(30)], 40],
    ['nothing for a model that never spoke', [model('one')], 0],
    ['what was set aside when a model spoke and told no price', [model('one'), text], ESTIMATE],
    ['what was set aside besides what the model before told', [model('one'), usage(10), model('two'), text], 10 + ESTIMATE],
  ])('settles %s', async (_, events, amount) => {
    const { settled } = await called(events)

    expect(settled).toEqual([[CALLER, HELD, amount]])
  })

  it('settles once when the call fails', async () => {
    const { settled, error } = await called([model('one'), text], { error: providerError('network_error') })

    expect(error).toMatchObject({ code: 'network_error' })
    expect(settled).toEqual([[CALLER, HELD, ESTIMATE]])
  })

  it('tells the warnings first', async () => {
    const { events } = await called([text], { warnings: ['nearly spent'] })

    expect(events).toEqual([{ type: 'warning', text: 'nearly spent' }, text])
  })

  it('gives back what was set aside when nobody listens any more, be it at a warning', async () => {
    const settled: number[] = []
    const budgets: Budgets = {
      admit: async () => ({ reservation: HELD, warnings: ['nearly spent'] }),
      settle: async (_caller, _reservation, amount) => void settled.push(amount),
    }
    const provider: LlmProvider = { stream: () => expect.fail('nobody is asked') }
    const limited = withBudget(provider, { budgets, caller: CALLER, estimate: async () => ESTIMATE })

    for await (const event of limited.stream(llmRequest('Hi'), never())) if (event.type === 'warning') break

    expect(settled).toEqual([0])
  })

  it('asks no model when the budget is spent', async () => {
    const { error, settled, asked } = await called([text], { refused: new SluiceError('budget_exceeded', 'spent') })

    expect(error).toMatchObject({ code: 'budget_exceeded' })
    expect([settled, asked]).toEqual([[], 0])
  })
})
