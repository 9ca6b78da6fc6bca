import { describe, expect, it } from 'vitest'
import { httpCaller } from '../../../helpers/http-caller.ts'

const LLM = { provider: 'openai', model: 'gpt-4o' }

async function withAgent(definition: object = {}) {
  const http = httpCaller()
  const body = { name: 'Reviewer', llm: LLM, prompts: { system: 'Review for {agent_name}.' }, ...definition }
  const made = await http.call('POST', '/v1/agents', { body })
  return { http, path: `/v1/agents/${made.body.agentId}/prompt-preview` }
}

describe('prompt previews', () => {
  it('show what a model would be told', async () => {
    const { http, path } = await withAgent()

    const { status, body } = await http.call('POST', path, {
      body: { input: { topic: 'tides' }, prompts: { userTemplate: 'About {topic}: {"a": 1}' } },
    })

    expect(status).toBe(200)
    expect(body).toEqual({
      messages: [
        { role: 'system', content: 'Review for Reviewer.' },
        { role: 'user', content: 'About tides: {"a": 1}' },
      ],
      variables: { known: ['agent_name', 'input_data', 'now', 'topic'], used: ['agent_name', 'topic'] },
      tokens: expect.any(Number),
      warnings: [],
    })
  })

  it('name what nobody knows', async () => {
    const { http, path } = await withAgent()

    const { status, body } = await http.call('POST', path, { body: { input: {}, prompts: { userTemplate: '{topics}' } } })

    expect(status).toBe(422)
    expect(body).toMatchObject({ code: 'validation_error', detail: expect.stringContaining('{topics}') })
  })

  it('tell what the model would not do', async () => {
    const { http, path } = await withAgent({ llm: { provider: 'anthropic', model: 'claude-sonnet-4-5', frequencyPenalty: 1 } })

    const { body } = await http.call('POST', path, { body: { input: 'Hi' } })

    expect(body.warnings).toEqual([expect.stringContaining('frequencyPenalty')])
  })

  it('need no agent', async () => {
    const { body } = await httpCaller().call('POST', '/v1/prompts/preview', {
      body: { input: 'Hi', prompts: { userTemplate: '{input_data}!' }, persona: { role: 'a poet' } },
    })

    expect(body.messages).toEqual([
      { role: 'system', content: 'You are a poet.' },
      { role: 'user', content: 'Hi!' },
    ])
  })

  it('are refused where they are larger than an answer may be', async () => {
    const system = '{input_data}'.repeat(35)
    const body = { input: '"'.repeat(60_000), prompts: { system } }

    const answer = await httpCaller().call('POST', '/v1/prompts/preview', { body })

    expect(answer).toMatchObject({
      status: 413,
      headers: { 'content-type': 'application/problem+json' },
      body: { code: 'payload_too_large', detail: expect.stringContaining('ask for less') },
    })
  })

  it("are not given for another tenant's agent, nor without the scope", async () => {
    const { http, path } = await withAgent()
    const body = { input: 'Hi' }

    expect((await http.call('POST', path, { body, token: await http.tokenOf('globex') })).status).toBe(404)
    expect((await http.call('POST', path, { body, token: await http.tokenOf('acme', ['models:read']) })).status).toBe(403)
  })
})
