import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { countTokens, scriptedAnswer, scriptedThinking } from '#shared/llm/scripted-answer.ts'

describe('scriptedAnswer', () => {
  it('greets when it is asked to, in one sentence', () => {
    const text = scriptedAnswer('Say hello in one sentence.').join('')

    expect(text).toMatch(/^Hello\b[^.]*\.$/)
  })

  it('speaks about the words of the prompt', () => {
    const text = scriptedAnswer('How do lighthouses work?').join('')

    expect(text).toContain('lighthouses')
  })

  it('answers the same prompt the same, and another prompt differently', () => {
    expect(scriptedAnswer('What is a fjord?')).toEqual(scriptedAnswer('What is a fjord?'))
    expect(scriptedAnswer('What is a fjord?')).not.toEqual(scriptedAnswer('What is a delta?'))
  })

  it('has the length it is asked for, whatever the prompt', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.integer({ min: 0, max: 300 }),
        fc.boolean(),
        (prompt, tokens, multiByte) => {
          const answer = scriptedAnswer(prompt, { tokens, multiByte })
          expect(answer).toHaveLength(tokens)
          expect(answer.every((token) => token !== '' && token.isWellFormed())).toBe(true)
        },
      ),
    )
  })

  it('mixes in characters of several bytes', () => {
    const text = scriptedAnswer('Go', { tokens: 200, multiByte: true }).join('')

    expect(text).toMatch(/[ßü]/)
    expect(text).toMatch(/世界/)
    expect(text).toMatch(/👨‍👩‍👧/)
  })
})

describe('scriptedThinking', () => {
  it('has the length it is asked for', () => {
    expect(scriptedThinking('What is a fjord?', 45)).toHaveLength(45)
    expect(scriptedThinking('What is a fjord?', 0)).toEqual([])
  })
})

describe('countTokens', () => {
  it('counts what the tokens of an answer are', () => {
    const answer = scriptedAnswer('What is a fjord?')

    expect(countTokens(answer.join(''))).toBe(answer.length)
    expect(countTokens('')).toBe(0)
  })
})
