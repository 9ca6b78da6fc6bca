import * as z from 'zod'
import { jsonOrUndefined } from '#shared/platform/json-or-undefined.ts'
import { ProviderError } from './provider-error.ts'

const lineSchema = z.looseObject({ error: z.unknown().optional(), done: z.boolean().optional() })

/**
 * Checks each line of Ollama's streamed answer before the SDK reads it. The SDK itself only warns on the console about lines that are not
 * JSON, and reports model errors and broken connections by message text alone. Each good line is passed on before the next one is read.
 *
 * @throws ProviderError for a line that is not JSON or reports an error, and when the last line is missing
 */
export function ollamaLines(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const sound = checked(body)
  const source: UnderlyingDefaultSource<Uint8Array> = {
    async pull(controller) {
      const { done, value } = await sound.next()
      if (done) controller.close()
      else controller.enqueue(value)
    },
    async cancel() {
      await sound.return(undefined)
    },
  }
  // No reading ahead: an error would overtake the lines before it.
  return new ReadableStream(source, { highWaterMark: 0 })
}

const PROVIDER = { provider: 'ollama' }

async function* checked(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, undefined> {
  const encoder = new TextEncoder()
  let done = false
  for await (const line of lines(body)) {
    const parsed = lineSchema.safeParse(jsonOrUndefined(line))
    if (!parsed.success) throw new ProviderError('provider_error', 'the provider sent a malformed event', PROVIDER)
    if (parsed.data.error !== undefined) {
      throw new ProviderError('provider_error', 'the provider broke off with an error', PROVIDER)
    }
    done ||= parsed.data.done === true
    yield encoder.encode(`${line}\n`)
  }
  if (!done) throw new ProviderError('network_error', 'the answer was cut off', PROVIDER)
  return undefined
}

async function* lines(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const bytes of body) {
    const parts = (rest + decoder.decode(bytes, { stream: true })).split('\n')
    rest = parts.pop() ?? ''
    yield* parts.filter((part) => part !== '')
  }
  rest += decoder.decode()
  if (rest !== '') yield rest
}
