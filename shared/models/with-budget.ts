import type { LlmProvider, LlmRequest } from '#shared/llm/llm-provider.ts'
import type { LlmCaller } from '#shared/llm/llm-providers.ts'
import type { Budgets } from './budgets.ts'

/**
 * Sets aside what a call may cost before it is made, and settles what it did cost, whoever answered. A call that was broken off behind its first word
 * and never told its price counts as what was set aside.
 *
 * @param estimate - in millionths of a dollar; undefined without a price
 */
export function withBudget(
  provider: LlmProvider,
  {
    budgets,
    caller,
    estimate,
  }: { budgets: Budgets; caller: LlmCaller; estimate(request: LlmRequest): Promise<number | undefined> },
): LlmProvider {
  return {
    async *stream(request, signal) {
      const estimated = await estimate(request)
      const { reservation, warnings } = await budgets.admit(caller, estimated)
      /** Of each model that was asked, the last thing it said. */
      const costs: (number | undefined)[] = []
      let hasSpoken = false
      // From here on whoever leaves in the middle gives back what was set aside.
      try {
        for (const text of warnings) yield { type: 'warning', text }
        for await (const event of provider.stream(request, signal)) {
          if (event.type === 'model') costs.push(undefined)
          if (event.type === 'usage' && event.costMicroUsd !== undefined)
            costs[Math.max(0, costs.length - 1)] = event.costMicroUsd
          hasSpoken ||= event.type === 'text' || event.type === 'thinking' || event.type === 'tool_call'
          yield event
        }
      } finally {
        const isTold = costs.at(-1) !== undefined || !hasSpoken
        const told = costs.reduce<number>((sum, cost) => sum + (cost ?? 0), 0)
        await budgets.settle(caller, reservation, isTold ? told : told + (estimated ?? 0))
      }
    },
  }
}
