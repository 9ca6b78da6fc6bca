import type { Turn } from '#shared/conversations/conversation-store.ts'
import { type TurnWindow, turnWindow } from '#shared/conversations/turn-window.ts'
import type { LlmProviders } from '#shared/llm/llm-providers.ts'
import { estimateTokens } from '#shared/models/estimate-tokens.ts'
import { mergeSettings } from '#shared/models/merge-settings.ts'
import { inputText } from '#shared/prompts/input-text.ts'
import type { Asked } from './answer-memory.ts'
import { llmCallerOf } from './llm-caller-of.ts'

/**
 * The turns that the model is told: those that fit the agent's window, or where that is larger than what the model takes beside its answer and all else that it
 * is told, those that fit there. Viewers are warned when that leaves turns out.
 *
 * @param turns - the oldest first
 */
export async function conversationWindow(
  { providers }: { providers: LlmProviders },
  request: Pick<Asked, 'record' | 'agent'> & {
    writer: Pick<Asked['writer'], 'emit'>
    checkpoints: Pick<Asked['checkpoints'], 'state'>
  },
  turns: readonly Turn[],
  windowTokens: number,
): Promise<TurnWindow> {
  const asked = turnWindow(turns, windowTokens, tokensOf)
  if (asked.shown.length === 0) return asked
  const room = await roomFor(providers, request)
  if (room === undefined || room >= windowTokens) return asked
  const fitting = turnWindow(turns, room, tokensOf)
  if (fitting.shown.length < asked.shown.length && request.checkpoints.state === undefined) {
    const text = `memory.windowTokens: ${windowTokens} became ${room}, which is what the model takes of earlier turns`
    await request.writer.emit({ type: 'thinking', data: { text, status: 'warning' } })
  }
  return fitting
}

/** Tokens that are left for earlier turns; undefined when nobody knows how many the model takes. */
async function roomFor(providers: LlmProviders, { record, agent }: Pick<Asked, 'record' | 'agent'>): Promise<number | undefined> {
  const room = await providers.questionRoom?.(mergeSettings(agent.llm, record.llm), llmCallerOf(record))
  if (room === undefined) return undefined
  const { persona, prompts, tools, output } = agent
  return Math.max(0, room - tokensOf(inputText(record.input)) - tokensOf(JSON.stringify({ persona, prompts, tools, output })))
}

const tokensOf = (content: string): number => estimateTokens({ messages: [{ role: 'user', content }] })
