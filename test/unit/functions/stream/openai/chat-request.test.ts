import { describe, expect, it } from 'vitest'
import { SluiceError } from '#shared/platform/errors.ts'
import { chatRequest } from '../../../../../functions/stream/openai/chat-request.ts'

const PNG = Buffer.from('\x89PNG\r\n\x1a\n and more', 'latin1').toString('base64')
const DATA_URL = `data:image/png;base64,${PNG}`

const user = (content: unknown) => ({ role: 'user', content })
const image = (url: string) => ({ type: 'image_url', image_url: { url } })
const text = (said: string) => ({ type: 'text', text: said })

const aChat = (overrides: Record<string, unknown> = {}) => ({ model: 'assistant', messages: [user('Hi')], ...overrides })

function refusalOf(body: unknown): { code: string; path: string | undefined } {
  try {
    chatRequest(body)
  } catch (error) {
    if (error instanceof SluiceError) return { code: error.code, path: error.fields?.[0]?.path }
    throw error
  }
  throw new Error('it was taken')
}

describe('chatRequest', () => {
  it('takes the last message as the question, and those before it as turns', () => {
    const messages = [
      { role: 'system', content: 'Be brief.' },
      user([text('What is'), text('a lock?')]),
      { role: 'assistant', content: 'A chamber.', refusal: null },
      { role: 'assistant', content: null },
      user('And a sluice?'),
    ]

    expect(chatRequest(aChat({ messages })).asked).toEqual({
      agentId: 'assistant',
      input: {
        content: 'And a sluice?',
        earlierTurns: [
          { role: 'user', content: 'Be brief.' },
          { role: 'user', content: 'What is\na lock?' },
          { role: 'assistant', content: 'A chamber.' },
        ],
      },
    })
  })

  it('passes on how the model is to answer', () => {
    const settings = {
      temperature: 0.2,
      top_p: 0.9,
      frequency_penalty: 1,
      presence_penalty: -1,
      max_completion_tokens: 50,
      max_tokens: 50,
      reasoning_effort: 'low',
      stop: '\n',
    }

    expect(chatRequest(aChat(settings)).asked.llm).toEqual({
      temperature: 0.2,
      topP: 0.9,
      frequencyPenalty: 1,
      presencePenalty: -1,
      maxTokens: 50,
      reasoningEffort: 'low',
      stopSequences: ['\n'],
    })
    expect(chatRequest(aChat({ max_tokens: 7, stop: ['a', 'b'] })).asked.llm).toEqual({ maxTokens: 7, stopSequences: ['a', 'b'] })
  })

  it('takes images of all messages with the question', () => {
    const messages = [user([text('One'), image(DATA_URL)]), user([image(DATA_URL), text('Two')])]

    const { images } = chatRequest(aChat({ messages }))

    expect(images.map(({ mediaType, data }) => [mediaType, Buffer.from(data).toString('base64')])).toEqual([
      ['image/png', PNG],
      ['image/png', PNG],
    ])
  })

  it('leaves out what cannot change the answer, and what asks for nothing', () => {
    const idle = {
      ...{
        user: 'u',
        metadata: { a: 'b' },
        store: true,
        service_tier: 'auto',
        parallel_tool_calls: false,
        prompt_cache_key: 'k',
      },
      ...{ tools: [], tool_choice: 'none', n: 1, modalities: ['text'], logprobs: false, logit_bias: {}, temperature: null },
      ...{ response_format: { type: 'text' }, seed: null, stop: null, stream: null, stream_options: null },
    }

    expect(chatRequest(aChat(idle))).toEqual({
      asked: { agentId: 'assistant', input: { content: 'Hi' } },
      images: [],
      stream: false,
      includeUsage: false,
    })
  })

  it.each<[string, unknown]>([
    ['tools', [{ type: 'function', function: { name: 'f' } }]],
    ['tool_choice', 'required'],
    ['functions', [{ name: 'f' }]],
    ['n', 2],
    ['audio', { voice: 'alloy', format: 'mp3' }],
    ['modalities', ['text', 'audio']],
    ['logprobs', true],
    ['top_logprobs', 3],
    ['logit_bias', { 1: 5 }],
    ['seed', 7],
    ['response_format', { type: 'json_object' }],
    ['verbosity', 'low'],
    ['web_search_options', {}],
    ['top_k', 40],
    ['toString', 1],
  ])('refuses "%s", which would change the answer', (path, value) => {
    expect(refusalOf(aChat({ [path]: value }))).toEqual({ code: 'unsupported', path })
  })

  it.each<[string, unknown[], string]>([
    ['results of tools', [{ role: 'tool', tool_call_id: 'c', content: '1' }, user('Hi')], 'messages.0.role'],
    ['calls of tools', [{ role: 'assistant', tool_calls: [{ id: 'c' }] }, user('Hi')], 'messages.0.tool_calls'],
    ['calls in no list', [{ role: 'assistant', content: 'Hi', tool_calls: {} }, user('Hi')], 'messages.0.tool_calls'],
    ['audio that was said', [{ role: 'assistant', audio: { id: 'a' } }, user('Hi')], 'messages.0.audio'],
    ['audio', [user([{ type: 'input_audio', input_audio: { data: '', format: 'wav' } }])], 'messages.0.content.0.type'],
    ['files', [user([text('Hi'), { type: 'file', file: { file_id: 'f' } }])], 'messages.0.content.1.type'],
    ['addresses', [user([text('Hi'), image('http://169.254.169.254/')])], 'messages.0.content.1.image_url.url'],
    ['images of others', [{ role: 'system', content: [image(DATA_URL)] }, user('Hi')], 'messages.0.content.0'],
  ])('refuses %s in messages', (_, messages, path) => {
    expect(refusalOf(aChat({ messages }))).toEqual({ code: 'unsupported', path })
  })

  it.each<[string, unknown, string | undefined]>([
    ['no object', [], ''],
    ['null', null, ''],
    ['no messages', aChat({ messages: [] }), 'messages'],
    ['messages that are none', aChat({ messages: ['Hi'] }), 'messages.0'],
    ['a role that nobody knows', aChat({ messages: [{ role: 'root', content: 'Hi' }] }), 'messages.0.role'],
    [
      "a last word that is not the user's",
      aChat({ messages: [user('Hi'), { role: 'assistant', content: 'Yes' }] }),
      'messages.1',
    ],
    ['a question without words', aChat({ messages: [user([image(DATA_URL)])] }), 'messages.0'],
    ['an image part without its image', aChat({ messages: [user([text('Hi'), { type: 'image_url' }])] }), 'messages.0.content'],
    ['a text part without its text', aChat({ messages: [user([text('Hi'), { type: 'text' }])] }), 'messages.0.content'],
    ['more turns than are told to a model', aChat({ messages: Array.from({ length: 1_002 }, () => user('Hi')) }), 'messages'],
    ['a temperature out of range', aChat({ temperature: 3 }), 'temperature'],
    ['two lengths', aChat({ max_tokens: 1, max_completion_tokens: 2 }), 'max_tokens'],
    ['an effort that nobody knows', aChat({ reasoning_effort: 'xhigh' }), 'reasoning_effort'],
    [
      'an image of another type',
      aChat({ messages: [user([text('Hi'), image('data:image/svg+xml;base64,AA==')])] }),
      'messages.0.content.1.image_url.url',
    ],
    [
      'an image in no base64',
      aChat({ messages: [user([text('Hi'), image('data:image/png;base64,%%')])] }),
      'messages.0.content.1.image_url.url',
    ],
    ['nine images', aChat({ messages: [user([text('Hi'), ...Array.from({ length: 9 }, () => image(DATA_URL))])] }), 'messages'],
  ])('refuses %s', (_, body, path) => {
    expect(refusalOf(body)).toEqual({ code: 'validation_error', path })
  })
})
