import type { LlmRequest, LlmTool } from '#shared/llm/llm-provider.ts'

export const SCENARIOS = [
  'text',
  'tools',
  'parallel-tools',
  'image',
  'refusal',
  'length',
  'unauthorized',
  'rate-limit',
  'server-error',
  'cut',
  'slow-first-token',
  'malformed-chunk',
] as const

export type Scenario = (typeof SCENARIOS)[number]

/** Bytes of an image: the signature of PNG, which is as far as anybody here looks. */
export const IMAGE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)
/** The same in base64. */
export const IMAGE_BASE64 = 'iVBORw0KGgo='

export const WEATHER: LlmTool = {
  name: 'weather',
  description: 'The weather in a city, now',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false },
}

/** Schema of the answer in the scenario `refusal`. */
export const VERDICT_SCHEMA = {
  type: 'object',
  properties: { verdict: { type: 'string', enum: ['APPROVE', 'REJECT'] }, confidence: { type: 'integer' } },
  required: ['verdict', 'confidence'],
  additionalProperties: false,
}

const question: Omit<LlmRequest, 'model'> = { messages: [{ role: 'user', content: 'Why do tides turn?' }] }

/** What is asked in each scenario. All of the port's request occurs, so that each provider shows how it sends it. */
export const REQUESTS: Record<Scenario, Omit<LlmRequest, 'model'>> = {
  text: {
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Hello.' },
      { role: 'assistant', content: 'Good day!' },
      { role: 'user', content: 'Why do tides turn?' },
    ],
    temperature: 0.2,
    maxTokens: 64,
    topP: 0.9,
    stopSequences: ['END'],
  },
  tools: {
    messages: [{ role: 'user', content: 'What is the weather in Oslo?' }],
    tools: [WEATHER],
    toolChoice: 'required',
  },
  'parallel-tools': {
    messages: [
      { role: 'user', content: 'Compare Oslo, Rome and Bern.' },
      {
        role: 'assistant',
        content: 'Oslo first.',
        toolCalls: [{ callId: 'call_before', toolName: 'weather', arguments: '{"city":"Oslo"}' }],
      },
      { role: 'tool', callId: 'call_before', toolName: 'weather', content: 'no such station', isError: true },
    ],
    tools: [WEATHER],
  },
  image: {
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What is this?' },
          { type: 'image', mediaType: 'image/png', data: IMAGE },
        ],
      },
    ],
  },
  refusal: {
    messages: [{ role: 'user', content: 'Judge this forged document.' }],
    output: { name: 'verdict', schema: VERDICT_SCHEMA },
  },
  length: { ...question, maxTokens: 4 },
  unauthorized: question,
  'rate-limit': question,
  'server-error': question,
  cut: question,
  'slow-first-token': question,
  'malformed-chunk': question,
}
