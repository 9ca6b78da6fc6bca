import { once } from 'node:events'
import type { Writable } from 'node:stream'
import type { SluiceError } from '#shared/platform/errors.ts'
import type { Usage } from '#shared/protocol/stream-event.ts'
import { HEARTBEAT, HEARTBEAT_MS } from '../server-sent-event.ts'
import type { AnswerWriter } from '../stream-answer.ts'
import { type ChatHead, chatChunk, type FinishReason, usageChunk } from './chat-completion.ts'
import { openAiError } from './openai-error.ts'

/** Streams an answer in OpenAI's format, no faster than the caller reads, with a comment as a heartbeat during long silences. */
export type ChatWriter = AnswerWriter & {
  say(text: string): Promise<void>
  /** @param usage - sent after the end if `told`, which the caller asks for */
  finish(reason: FinishReason, usage: { told: boolean; usage: Usage | undefined }): void
}

/** @param signal - ends every wait for a slow caller */
export function chatWriter(body: Writable, head: ChatHead, signal: AbortSignal): ChatWriter {
  const silence = setInterval(() => {
    if (body.writable && !body.writableNeedDrain) body.write(HEARTBEAT)
  }, HEARTBEAT_MS)

  function write(data: unknown): boolean {
    silence.refresh()
    return !body.writable || body.write(`data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`)
  }

  write(chatChunk(head, { role: 'assistant', content: '' }))
  return {
    async say(text) {
      if (!write(chatChunk(head, { content: text }))) await once(body, 'drain', { signal }).catch(() => undefined)
    },
    finish(reason, { told, usage }) {
      write(chatChunk(head, {}, reason))
      if (told) write(usageChunk(head, usage))
      write('[DONE]')
    },
    // Clients throw this error. Those that ignore it see from the missing `[DONE]` that the answer is incomplete.
    breakOff: (error: SluiceError) => void write(openAiError(error)),
    close() {
      clearInterval(silence)
      if (!body.writableEnded) body.end()
    },
  }
}
