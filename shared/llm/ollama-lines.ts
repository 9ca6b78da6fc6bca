import * as z from 'zod'
import { jsonOrUndefined } from '#shared/platform/json-or-undefined.ts'
import { ProviderError } from './provider-error.ts'

const lineSchema = z.looseObject({ error: z.unknown().optional(), done: z.boolean().optional() })

/**
 * The lines of Ollama's streamed answer, each checked before the SDK reads it: that one leaves out with a warning on the console what is no
 * JSON, and tells errors of the model and a connection that was cut by their texts alone. A line that is sound is passed on before the
 * next one is looked at.
 *
 * @throws ProviderError for a line that is no JSON or tells an error, and when the last line is missing
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
  // Nothing is read ahead: an error would overtake what stands before it.
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
