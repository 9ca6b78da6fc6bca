import { describe, expect, it } from 'vitest'
import { openaiRequest } from '#shared/llm/openai-request.ts'
import { llmRequest } from '../../helpers/llm.ts'

describe('openaiRequest', () => {
  it('names the limit as the server wants it', () => {
    const request = llmRequest('Hi', { maxTokens: 9 })

    expect(openaiRequest(request, 'max_completion_tokens')).toMatchObject({ max_completion_tokens: 9 })
    expect(openaiRequest(request, 'max_tokens')).toMatchObject({ max_tokens: 9 })
  })

  it('says zero, and nothing that was not asked for', () => {
    expect(
      openaiRequest(llmRequest('Hi', { temperature: 0, topP: 0, frequencyPenalty: 0, presencePenalty: 0 }), 'max_tokens'),
    ).toEqual({
      model: 'answer',
      messages: [{ role: 'user', content: 'Hi' }],
      stream: true,
      stream_options: { include_usage: true },
      temperature: 0,
      top_p: 0,
      frequency_penalty: 0,
      presence_penalty: 0,
    })
  })

  it('chooses among no tools only where there are some', () => {
    const body = openaiRequest(llmRequest('Hi', { tools: [], toolChoice: 'required' }), 'max_tokens')

    expect(body).not.toHaveProperty('tools')
    expect(body).not.toHaveProperty('tool_choice')
  })

  it('wishes for a schema that cannot be enforced', () => {
    const schema = { type: 'object', properties: { verdict: { type: 'string' } } }

    const body = openaiRequest(llmRequest('Hi', { output: { name: 'verdict', schema } }), 'max_tokens')

    expect(body.response_format).toEqual({ type: 'json_schema', json_schema: { name: 'verdict', schema } })
  })
})
