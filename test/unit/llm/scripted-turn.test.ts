import { describe, expect, it } from 'vitest'
import type { LlmMessage } from '#shared/llm/llm-provider.ts'
import { promptOf, type ScriptedTurnOptions, scriptedTurn } from '#shared/llm/scripted-turn.ts'

const user = (content: string): LlmMessage => ({ role: 'user', content })
const said = (messages: LlmMessage[], rest = {}, options: ScriptedTurnOptions = {}): string =>
  scriptedTurn({ messages, ...rest }, options).tokens.join('')

const output = { name: 'verdict', schema: { type: 'object', properties: { sure: { type: 'boolean' } } } }

describe('scriptedTurn', () => {
  it('quotes what tools said since the last prompt, cut short', () => {
    const tool = (content: string, isError = false): LlmMessage => ({
      role: 'tool',
      callId: 'call_1',
      toolName: 'weather',
      content,
      isError,
    })

    expect(said([user('one'), tool('old'), user('two'), tool('12 °C'), tool('gone', true)])).toBe(
      'weather said: 12 °C weather failed: gone',
    )
    expect(said([user('one'), tool('x'.repeat(2_000))])).toHaveLength('weather said: '.length + 500)
  })

  it('answers in JSON, also when tools have answered', () => {
    const tool: LlmMessage = { role: 'tool', callId: 'call_1', toolName: 'weather', content: '12 °C' }

    expect(said([user('Judge'), tool], { output })).toBe('{"sure":true}')
  })

  it('breaks JSON once', () => {
    const bad = said([user('Judge')], { output }, { badJson: true })
    const after = [user('Judge'), { role: 'assistant' as const, content: bad }, user('That is no JSON.')]

    expect(() => JSON.parse(bad)).toThrow()
    expect(said(after, { output }, { badJson: true })).toBe('{"sure":true}')
    expect(said([...after, { role: 'assistant', content: '{"sure":true}' }, user('More')], { output }, { badJson: true })).toBe(
      bad,
    )
  })

  it('refuses whatever is asked', () => {
    expect(said([user('Judge')], { output }, { refuses: true })).toBe('I cannot help with that.')
  })

  it('takes the text of a prompt with images, and no prompt for an empty one', () => {
    const image = { type: 'image' as const, mediaType: 'image/png' as const, data: new Uint8Array(2) }

    expect(
      promptOf([{ role: 'user', content: [{ type: 'text', text: 'What is ' }, image, { type: 'text', text: 'this?' }] }]),
    ).toBe('What is this?')
    expect(promptOf([{ role: 'system', content: 'Be brief.' }])).toBe('')
  })
})
