import { RunStoppedError } from '#shared/executions/run-stopped-error.ts'
import type { LlmScript } from '#shared/llm/memory-llm-providers.ts'
import { ProviderError } from '#shared/llm/provider-error.ts'
import { sleep } from '#shared/platform/clock.ts'
import type { Random } from '../../random.ts'
import type { Chaos } from './faults.ts'

/** Words, some of several bytes a character, some as long as a page: frames are cut in the middle of such an answer. */
const WORDS = ['water ', 'gate ', 'Schleuse ', 'naïve façade ', '世界は広く、', 'flags 🏳️‍🌈 ', '👨‍👩‍👧 ', 'one more sentence. ']
const PAGE = 'A page of text with a few words in it, ending in a ship 🚢. '.repeat(30)

/** Pauses between two tokens, in milliseconds: bursts, a steady flow, a thought, and one that outlasts every watchdog. */
function pauseMs(random: Random): number {
  const kind = random.next()
  if (kind < 0.4) return 0
  if (kind < 0.97) return 5 + random.below(40)
  return kind < 0.995 ? 300 + random.below(2_000) : 12_000 + random.below(10_000)
}

/**
 * A model that is in all moods: it bursts, it dawdles, it thinks, and sometimes it breaks off behind half an answer.
 *
 * @param onStopped - told when a call is aborted since somebody cancelled it; gets what the user had asked
 */
export const moodyModel = ({ random, odds, faults }: Chaos, onStopped: (asked: string) => void): LlmScript =>
  async function* ({ messages }, _call, signal) {
    const content = messages.at(-1)?.content
    const asked = typeof content === 'string' ? content : ''
    const onAbort = (): void => {
      if (signal.reason instanceof RunStoppedError && signal.reason.kind === 'cancelled') onStopped(asked)
    }
    signal.addEventListener('abort', onAbort, { once: true })
    const tokens = 1 + random.below(90)
    const breaksAt = random.chance(odds.modelFails) ? random.below(tokens) : -1
    const long = random.chance(0.05)
    if (random.chance(0.2)) yield { type: 'thinking', text: 'Let me see. ' }
    for (let token = 0; token < tokens; token++) {
      await sleep(pauseMs(random), signal)
      if (token === breaksAt) {
        faults.model_failed += 1
        throw new ProviderError(random.pick(['rate_limit', 'provider_error', 'network_error'] as const), 'injected', {
          provider: 'scripted',
        })
      }
      yield { type: 'text', text: long ? PAGE : random.pick(WORDS) }
    }
    signal.removeEventListener('abort', onAbort)
    yield { type: 'usage', inputTokens: 3, outputTokens: tokens }
    yield { type: 'stop', reason: 'end' }
  }
