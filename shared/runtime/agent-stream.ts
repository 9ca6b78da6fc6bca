import { wholeCharacters } from '#shared/platform/whole-characters.ts'
import type { StreamWriter } from '#shared/streams/stream-writer.ts'
import type { AgentStream } from './agent-context.ts'

/** The stream of an execution, as an agent's code sees it. Nothing is written once the signal has aborted. */
export function agentStream(writer: StreamWriter, signal: AbortSignal): AgentStream & { check(): void } {
  let failure: { reason: unknown } | undefined
  const whole = { content_chunk: wholeCharacters(), thinking: wholeCharacters() }

  /** Code that does not wait for a write must not end the process with its failure: `check` tells it. */
  function write(type: 'content_chunk' | 'thinking', piece: string): Promise<void> {
    const written = new Promise<void>((resolve) => {
      signal.throwIfAborted()
      const text = whole[type](piece)
      if (text !== '') writer.write({ type, data: { text } })
      resolve()
    })
    written.catch((reason: unknown) => {
      failure ??= { reason }
    })
    return written
  }

  return {
    write: (text) => write('content_chunk', text),
    thinking: (text) => write('thinking', text),
    /** @throws the failure of the first write that failed */
    check() {
      if (failure) throw failure.reason
    },
  }
}
