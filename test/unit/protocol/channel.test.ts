import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  ALL_CHANNEL,
  agentChannel,
  channelSchema,
  executionChannel,
  parseChannel,
  topicChannel,
} from '#shared/protocol/channel.ts'
import { identifier } from '../../helpers/arbitraries.ts'

describe('channels', () => {
  it('are read back as they were written', () => {
    fc.assert(
      fc.property(identifier, (id) => {
        expect(parseChannel(channelSchema.parse(executionChannel(id)))).toEqual({ kind: 'execution', id })
        expect(parseChannel(channelSchema.parse(topicChannel(id)))).toEqual({ kind: 'topic', id })
        expect(parseChannel(channelSchema.parse(agentChannel(id)))).toEqual({ kind: 'agent', id })
      }),
    )
  })

  it('include the one of everything', () => {
    expect(parseChannel(channelSchema.parse(ALL_CHANNEL))).toEqual({ kind: 'all', id: '' })
  })

  it('are one known kind and one identifier, and nothing else', () => {
    const kinds = fc.oneof(fc.constantFrom('execution', 'topic', 'agent'), fc.string())
    const ids = fc.oneof(identifier, fc.string())
    fc.assert(
      fc.property(kinds, ids, (kind, id) => {
        const valid = ['execution', 'topic', 'agent'].includes(kind) && /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/.test(id)
        expect(channelSchema.safeParse(`${kind}:${id}`).success).toBe(valid)
      }),
    )
  })

  it.each([
    '',
    'topic',
    'topic:',
    ':orders',
    'agent',
    'all:',
    'all:topics',
    'constructor:a',
    '__proto__:a',
    'topic:a:b',
    'topic:a/b',
    'Topic:a',
    ' topic:a',
    `topic:${'a'.repeat(129)}`,
  ])('refuse "%s"', (channel) => {
    expect(channelSchema.safeParse(channel).success).toBe(false)
  })
})
