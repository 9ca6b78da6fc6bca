import { describe, expect, it } from 'vitest'
import { anthropicThoughts } from '#shared/llm/anthropic-thoughts.ts'
import { bedrockThoughts } from '#shared/llm/bedrock-thoughts.ts'
import { googleSignatures } from '#shared/llm/google-signatures.ts'
import { withThoughts } from '#shared/llm/thoughts.ts'

describe('withThoughts', () => {
  it('puts each before the blocks that followed it', () => {
    const thoughts = [
      { before: 0, block: 't1' },
      { before: 0, block: 't2' },
      { before: 1, block: 't3' },
      { before: 9, block: 't4' },
    ]

    expect(withThoughts(['text', 'call'], thoughts)).toEqual(['t1', 't2', 'text', 't3', 'call', 't4'])
    expect(withThoughts([], thoughts)).toEqual(['t1', 't2', 't3', 't4'])
  })
})

describe('the state of a turn', () => {
  it.each(['custom', 'anthropic', 'bedrock', 'google'])('is nothing to the others, nor what is no state: %s', (provider) => {
    const state = { provider, value: [{ before: -1, block: { type: 'thinking' } }] }

    expect(anthropicThoughts(state)).toEqual([])
    expect(bedrockThoughts(state)).toEqual([])
    expect(googleSignatures(state)).toEqual({ calls: {} })
  })
})
