import { describe, expect, it } from 'vitest'
import { httpCaller } from '../../../helpers/http-caller.ts'

const LLM = { provider: 'openai', model: 'gpt-4o' }

async function withAgent(definition: object = {}) {
  const http = httpCaller()
  const body = { name: 'Reviewer', llm: LLM, prompts: { system: 'Review for {agent_name}.' }, ...definition }
  const made = await http.call('POST', '/v1/agents', { body })
  return { http, path: `/v1/agents/${made.body.agentId}/prompt-preview` }
}

describe('prompts of a definition', () => {
  it.each([
    ['system', 'About {input_data.subject}', /prompts\.system.*\{input_data\.subject\}.*\{subject\}/],
    ['contextInstructions', 'At {now.hour}', /prompts\.contextInstructions.*\{now\.hour\}/],
  ])('are refused where %s names what no input could make known', async (field, template, detail) => {
    const http = httpCaller()
    const prompts = { [field]: template }
    const made = await http.call('POST', '/v1/agents', { body: { agentId: 'a', name: 'A', llm: LLM } })

    const created = await http.call('POST', '/v1/agents', { body: { name: 'B', llm: LLM, prompts } })
    const patched = await http.call('PATCH', '/v1/agents/a', { body: { prompts } })

    expect(made.status).toBe(201)
    for (const answer of [created, patched])
      expect(answer).toMatchObject({
        status: 422,
        body: { detail: expect.stringMatching(detail), errors: [{ path: `prompts.${field}` }] },
      })
  })

  it('may name what an input brings, and parts of it', async () => {
    const prompts = { system: 'About {subject} of {customer.name}, {token_metadata.type}; \\{now.x\\}' }

    expect((await httpCaller().call('POST', '/v1/agents', { body: { name: 'A', llm: LLM, prompts } })).status).toBe(201)
  })
})

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

  it('look at the context instructions though a first question has no context, and show them', async () => {
    const { http, path } = await withAgent({ prompts: { contextInstructions: 'Mind what {agent_name} said.' } })

    const shown = await http.call('POST', path, { body: { input: 'Hi' } })
    const wrong = await http.call('POST', path, {
      body: { input: 'Hi', prompts: { contextInstructions: 'Mind the {histroy}.' } },
    })

    expect(shown.body).toMatchObject({
      messages: [{ role: 'user', content: 'Hi' }],
      contextInstructions: 'Mind what Reviewer said.',
    })
    expect(wrong).toMatchObject({ status: 422, body: { detail: expect.stringMatching(/context instructions.*\{histroy\}/) } })
  })

  it.each([
    ['in a message where the model cannot be told', { provider: 'openai', model: 'gpt-4-turbo' }, true],
    ['apart where the provider is told', LLM, false],
  ])('show the schema of the answer %s', async (_, llm, inWords) => {
    const schema = { type: 'object', properties: { score: { type: 'integer' } } }
    const { http, path } = await withAgent({ llm, output: { schema } })

    const { body } = await http.call('POST', path, { body: { input: 'Hi' } })

    expect(body.output).toEqual({ schema, inWords })
    expect(body.warnings).toEqual([])
    expect(JSON.stringify(body.messages).includes('score')).toBe(inWords)
  })

  it('know no place of a workflow, whatever the input says', async () => {
    const { http, path } = await withAgent()
    const body = { input: { current_place: 'approved' }, prompts: { userTemplate: '{current_place}' } }

    expect(await http.call('POST', path, { body })).toMatchObject({ status: 422, body: { code: 'validation_error' } })
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
