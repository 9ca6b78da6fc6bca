import * as z from 'zod'
import type { Attachment } from '#shared/messaging/attachments.ts'
import { SluiceError, ValidationError } from '#shared/platform/errors.ts'
import { parse } from '#shared/platform/parse.ts'
import type { CreateExecution } from '#shared/protocol/execution.ts'
import { IMAGE_TYPES, MAX_ATTACHMENTS } from '#shared/protocol/image-type.ts'
import { generationSchema, type LlmOverrides } from '#shared/protocol/llm.ts'
import { type EarlierTurns, MAX_EARLIER_TURNS } from '#shared/protocol/llm-input.ts'
import { unsupportedIn } from './unsupported-in.ts'

const { shape } = generationSchema

const partSchema = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('text'), text: z.string() }),
  z.looseObject({ type: z.literal('refusal'), refusal: z.string() }),
  z.looseObject({ type: z.literal('image_url'), image_url: z.looseObject({ url: z.string() }) }),
])

const messageSchema = z.looseObject({
  role: z.enum(['system', 'developer', 'user', 'assistant']),
  content: z.union([z.string(), z.array(partSchema)]).nullish(),
  refusal: z.string().nullish(),
})

/** The fields of a chat completion that we use. {@link unsupportedIn} decides which others may be ignored. */
const chatSchema = z.looseObject({
  model: z.string(),
  messages: z
    .array(messageSchema)
    .min(1)
    .max(MAX_EARLIER_TURNS + 1),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  temperature: shape.temperature.nullable(),
  top_p: shape.topP.nullable(),
  frequency_penalty: shape.frequencyPenalty.nullable(),
  presence_penalty: shape.presencePenalty.nullable(),
  max_tokens: shape.maxTokens.nullable(),
  max_completion_tokens: shape.maxTokens.nullable(),
  reasoning_effort: shape.reasoningEffort.nullable(),
  stop: z
    .union([z.string().transform((text) => [text]), z.array(z.string())])
    .pipe(shape.stopSequences.unwrap())
    .nullish(),
})

type Chat = z.infer<typeof chatSchema>
type Message = z.infer<typeof messageSchema>
type Part = z.infer<typeof partSchema>

/** A chat completion, translated into a request to an agent. */
export type ChatRequest = {
  asked: Omit<CreateExecution, 'input'> & { input: { content: string; earlierTurns?: EarlierTurns } }
  /** Images that become attachments of the input. */
  images: Attachment[]
  stream: boolean
  includeUsage: boolean
}

/**
 * Translates a chat completion: the model is the agent, the last message is the question, and those before it become earlier turns. Unsupported fields
 * are refused if they would change the answer, and ignored otherwise.
 *
 * @throws ValidationError, SluiceError `unsupported`
 */
export function chatRequest(body: unknown): ChatRequest {
  const unsupported = unsupportedIn(body)
  if (unsupported)
    throw new SluiceError('unsupported', `"${unsupported.path}": ${unsupported.message}`, { fields: [unsupported] })
  const chat = parse(chatSchema, body, 'request body')
  const question = chat.messages.at(-1)
  const path = `messages.${chat.messages.length - 1}`
  if (question?.role !== 'user') throw refused(path, "must be the user's: the last message is the question")
  const content = textOf(question)
  if (content === '') throw refused(path, 'must say something in words')
  const images = chat.messages.flatMap(imagesOf)
  if (images.length > MAX_ATTACHMENTS) throw refused('messages', `must not have more than ${MAX_ATTACHMENTS} images`)
  const earlierTurns = chat.messages.slice(0, -1).flatMap(turnsOf)
  const llm = overridesOf(chat)
  return {
    asked: {
      agentId: chat.model,
      input: { content, ...(earlierTurns.length > 0 && { earlierTurns }) },
      ...(Object.keys(llm).length > 0 && { llm }),
    },
    images,
    stream: chat.stream ?? false,
    includeUsage: chat.stream_options?.include_usage ?? false,
  }
}

const refused = (path: string, message: string): ValidationError =>
  new ValidationError(`"${path}" ${message}`, [{ path, message }])

/** System messages become turns of the user: only the agent's own definition gives instructions. */
function turnsOf(message: Message): EarlierTurns {
  const content = textOf(message)
  return content === '' ? [] : [{ role: message.role === 'assistant' ? 'assistant' : 'user', content }]
}

function textOf({ content, refusal }: Message): string {
  if (typeof content === 'string') return content
  const texts = (content ?? []).map(wordsOf)
  return [...texts, refusal ?? ''].filter((text) => text !== '').join('\n')
}

function wordsOf(part: Part): string {
  if (part.type === 'image_url') return ''
  return part.type === 'text' ? part.text : part.refusal
}

const DATA_URL = /^data:([a-z/]+);base64,([A-Za-z0-9+/]+={0,2})$/

function imagesOf({ content }: Message, index: number): Attachment[] {
  if (!Array.isArray(content)) return []
  return content.flatMap((part, place) => {
    if (part.type !== 'image_url') return []
    const [, type, data = ''] = DATA_URL.exec(part.image_url.url) ?? []
    const mediaType = IMAGE_TYPES.find((known) => known === type)
    if (mediaType) return [{ mediaType, data: Buffer.from(data, 'base64') }]
    throw refused(`messages.${index}.content.${place}.image_url.url`, `must be a data URL in base64 of ${IMAGE_TYPES.join(', ')}`)
  })
}

function overridesOf(chat: Chat): LlmOverrides {
  const { max_tokens: most, max_completion_tokens: mostOfAll } = chat
  if (most != null && mostOfAll != null && most !== mostOfAll)
    throw refused('max_tokens', 'must not say another number than max_completion_tokens')
  const named = {
    temperature: chat.temperature,
    topP: chat.top_p,
    frequencyPenalty: chat.frequency_penalty,
    presencePenalty: chat.presence_penalty,
    maxTokens: mostOfAll ?? most,
    reasoningEffort: chat.reasoning_effort,
    stopSequences: chat.stop,
  }
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value != null))
}
