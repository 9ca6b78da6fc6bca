import type { StreamWriter } from '#shared/streams/stream-writer.ts'

/** A run's writer as one attempt has it: whoever goes on writing when the attempt is over is told so, and writes nothing into the next. */
export const attemptWriter = (writer: StreamWriter, signal: AbortSignal): StreamWriter => ({
  ...writer,
  write(body) {
    signal.throwIfAborted()
    writer.write(body)
  },
  async emit(body) {
    signal.throwIfAborted()
    await writer.emit(body)
  },
  async flushed() {
    signal.throwIfAborted()
    return writer.flushed()
  },
})
