import { describe, expect, it } from 'vitest'
import type { LlmMessage, LlmTool } from '#shared/llm/llm-provider.ts'
import { scriptedCalls } from '#shared/llm/scripted-calls.ts'

const tool = (name: string, parameters = {}): LlmTool => ({ name, description: name, parameters })
const user = (content: string): LlmMessage => ({ role: 'user', content })
const result = (toolName: string): LlmMessage => ({ role: 'tool', callId: 'call_1', toolName, content: 'done' })

const TOOLS = [tool('weather'), tool('notes.search')]
const OSLO = { toolName: 'weather', arguments: '{"city":"Oslo"}' }
const SEARCH = { toolName: 'notes.search', arguments: '{"q":{"all":["a}"]}}' }
const PROMPT = 'Please call weather {"city":"Oslo"}, then call notes.search {"q":{"all":["a}"]}}. Thanks {you}!'

const callsOf = (messages: LlmMessage[], rest = {}) => scriptedCalls({ messages, tools: TOOLS, ...rest })

describe('scriptedCalls', () => {
  it('makes the calls one after the other, and no more', () => {
    expect(callsOf([user(PROMPT)])).toEqual([OSLO])
    expect(callsOf([user(PROMPT), result('weather')])).toEqual([SEARCH])
    expect(callsOf([user(PROMPT), result('weather'), result('notes.search')])).toEqual([])
  })

  it('makes them at once when it is told so', () => {
    const prompt = user(`${PROMPT} All at once.`)

    expect(callsOf([prompt])).toEqual([OSLO, SEARCH])
    expect(callsOf([prompt, result('weather'), result('notes.search')])).toEqual([])
  })

  it('begins anew with each prompt', () => {
    expect(callsOf([user(PROMPT), result('weather'), user('call weather {"city":"Oslo"}')])).toEqual([OSLO])
  })

  it.each([
    ['call weather', '{}'],
    ['Call weather now', '{}'],
    ['call weather {city}', '{}'],
    ['call weather {"city":', '{}'],
    ['call weather {"a":{"b":1}} {"c":2}', '{"a":{"b":1}}'],
  ])('reads the arguments of "%s"', (prompt, json) => {
    expect(callsOf([user(prompt)])).toEqual([{ toolName: 'weather', arguments: json }])
  })

  it.each(['call me {"a":1}', 'recall weather', 'weather {"city":"Oslo"}', ''])('finds no tool in "%s"', (prompt) => {
    expect(callsOf([user(prompt)])).toEqual([])
  })

  it('calls nothing where it must not', () => {
    expect(callsOf([user(PROMPT)], { toolChoice: 'none' })).toEqual([])
    expect(callsOf([user(PROMPT)], { tools: [] })).toEqual([])
    expect(callsOf([user(PROMPT)], { tools: undefined })).toEqual([])
  })

  it('calls the first tool, once, where it must call one', () => {
    const parameters = { type: 'object', properties: { days: { type: 'integer', minimum: 3 } } }
    const rest = { tools: [tool('forecast', parameters), tool('weather')], toolChoice: 'required' }

    expect(callsOf([user('Hi')], rest)).toEqual([{ toolName: 'forecast', arguments: '{"days":3}' }])
    expect(callsOf([user('Hi'), result('forecast')], rest)).toEqual([])
  })
})
