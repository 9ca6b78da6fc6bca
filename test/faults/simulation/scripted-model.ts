import type { LlmScript } from '#shared/llm/memory-llm-providers.ts'
import { ProviderError } from '#shared/llm/provider-error.ts'
import { sleep } from '#shared/platform/clock.ts'
import type { Random } from '../../../bench/random.ts'
import type { FaultLog } from './fault-log.ts'

/** A model that says a few words, and sometimes breaks off, refuses, or is in no hurry. */
export const scriptedModel = (random: Random, log: FaultLog): LlmScript =>
  async function* (request, callNumber, signal) {
    const said = request.messages.at(-1)?.content ?? ''
    const breaksAt = random.chance(0.1) ? random.below(4) : -1
    for (let word = 0; word < 4; word++) {
      if (word === breaksAt) {
        log.add('model_failed')
        const code = random.pick(['rate_limit', 'provider_error', 'network_error', 'content_filter'] as const)
        throw new ProviderError(code, 'injected', { provider: 'scripted' })
      }
      yield { type: 'text', text: `${word} of call ${callNumber} on ${said.slice(0, 20)}. ` }
      if (random.chance(0.2)) await sleep(random.below(8), signal)
    }
    yield { type: 'usage', inputTokens: 3, outputTokens: 4 }
    yield { type: 'stop', reason: 'end' }
  }
