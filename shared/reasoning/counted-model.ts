import type { LlmEvent, LlmProvider } from '#shared/llm/llm-provider.ts'
import type { Usage } from '#shared/protocol/stream-event.ts'

type Figures = Omit<Usage, 'models'>
type Who = { provider: string; model: string }

const FIGURES = ['inputTokens', 'outputTokens', 'cachedInputTokens', 'reasoningTokens', 'costMicroUsd'] as const

/**
 * A model whose usage is told as it becomes known, by whoever speaks: what a call that fails or is cancelled has used is used.
 *
 * @param asked - who is asked; another one may answer
 */
export const countedModel = (model: LlmProvider, asked: Who, addUsage: (usage: Usage) => void): LlmProvider => ({
  async *stream(request, signal) {
    const count = counter(asked, addUsage)
    for await (const event of model.stream(request, signal)) {
      count(event)
      yield event
    }
  },
})

function counter(asked: Who, addUsage: (usage: Usage) => void): (event: LlmEvent) => void {
  let who = asked
  let told: Figures | undefined
  return (event) => {
    if (event.type === 'model') {
      who = { provider: event.provider, model: event.model }
      told = undefined
    }
    if (event.type !== 'usage') return
    // Some providers count along: each of their numbers stands for the whole call.
    const more = { ...NOTHING, ...difference(event, told) }
    addUsage({ ...more, models: [{ ...who, calls: told ? 0 : 1, ...more }] })
    told = event
  }
}

const NOTHING: Figures = { inputTokens: 0, outputTokens: 0 }

function difference(now: Partial<Figures>, before: Partial<Figures> = {}): Partial<Figures> {
  return Object.fromEntries(
    FIGURES.flatMap((name) => {
      const figure = now[name]
      return figure === undefined ? [] : [[name, figure - (before[name] ?? 0)]]
    }),
  )
}
