import type { LlmProvider, LlmRequest } from '#shared/llm/llm-provider.ts'
import type { LlmCaller } from '#shared/llm/llm-providers.ts'
import type { Budgets } from './budgets.ts'

/**
 * Sets aside what a call may cost before it is made, and settles the actual cost afterwards, including that of fallbacks. A call that broke off after
 * its first word without reporting its usage counts as its estimate.
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
      /** The last reported cost of each model that was asked. */
      const costs: (number | undefined)[] = []
      let hasSpoken = false
      // From here on the reservation is settled even if the consumer leaves in the middle.
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
