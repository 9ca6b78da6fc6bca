import { describe, expect, it } from 'vitest'
import { buildMessages } from '#shared/llm/build-messages.ts'

describe('buildMessages', () => {
  it.each([
    ['a text', 'How do tides work?', 'How do tides work?'],
    ['an object with content', { content: 'How do tides work?', lang: 'en' }, 'How do tides work?'],
    ['an object without content', { ticket: 7, tags: ['a'] }, '{"ticket":7,"tags":["a"]}'],
    ['content that is no text', { content: { nested: true } }, '{"content":{"nested":true}}'],
    ['a list', [1, 'two'], '[1,"two"]'],
    ['a number', 42, '42'],
    ['null', null, 'null'],
    ['nothing', undefined, 'null'],
  ])('gives the model %s as the user message', (_, input, content) => {
    expect(buildMessages({}, input)).toEqual([{ role: 'user', content }])
  })

  it('puts the system prompt first', () => {
    expect(buildMessages({ system: 'Be brief.' }, 'Hi')).toEqual([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Hi' },
    ])
  })

  it('leaves an empty system prompt out', () => {
    expect(buildMessages({ system: '' }, 'Hi')).toHaveLength(1)
  })
})
