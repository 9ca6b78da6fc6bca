import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import specification from '@asyncapi/specs/schemas/3.0.0-without-$id.json' with { type: 'json' }
import { type Schema, Validator } from '@cfworker/json-schema'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { channelSchema } from '#shared/protocol/channel.ts'
import { clientFrameSchema, serverFrameSchema } from '#shared/protocol/socket-frame.ts'
import { DEFINITIONS } from '../../../scripts/protocol/catalogue.ts'
import { protocolDocuments } from '../../../scripts/protocol/documents.ts'
import { componentSchemas, publishedSchema } from '../../../scripts/protocol/json-schema.ts'

const FOLDER = join(import.meta.dirname, '../../../docs/protocol')
const documents = protocolDocuments()
const written = (name: string): unknown => JSON.parse(documents.get(name) ?? '')

describe('docs/protocol', () => {
  it('has these JSON files and no others', () => {
    const files = readdirSync(FOLDER).filter((name) => name.endsWith('.json'))

    expect(files.toSorted()).toEqual([...documents.keys()].toSorted())
  })

  it.each([...documents.keys()])('has %s as "npm run docs:protocol" writes it', (name) => {
    expect(readFileSync(join(FOLDER, name), 'utf8')).toBe(documents.get(name))
  })

  it('refers to nothing that is not there', () => {
    for (const [name, text] of documents) {
      const document = JSON.parse(text)
      for (const [, pointer = ''] of text.matchAll(/"\$ref": "#([^"]*)"/g)) {
        const found = pointer
          .split('/')
          .slice(1)
          .reduce((value, key) => value?.[key], document)
        expect(found, `${name}${pointer}`).toBeDefined()
      }
    }
  })
})

describe('the JSON Schemas', () => {
  const client = new Validator(publishedSchema('client-frame') as Schema, '2020-12')
  const server = new Validator(publishedSchema('server-frame') as Schema, '2020-12')

  it.each<[boolean, unknown]>([
    [true, { message_type: 'subscribe', payload: { channel: 'execution:e1', after: -1, snapshot: true } }],
    [true, { message_type: 'subscribe', id: 's1', payload: { topic: 'news' } }],
    [false, { message_type: 'subscribe', payload: {} }],
    [false, { message_type: 'subscribe', payload: { topic: 'news', channel: 'all' } }],
    [false, { message_type: 'subscribe', payload: { channel: 'planet:earth' } }],
    [false, { message_type: 'subscribe', payload: { topic: 'news', after: 1.5 } }],
    [true, { message_type: 'agent_request', payload: { agentId: 'a', input: { content: 'Hi' }, priority: 10 } }],
    [false, { message_type: 'agent_request', payload: { agentId: 'a', input: { content: 'Hi' }, priority: 11 } }],
    [true, { message_type: 'agent_request', payload: { query: 'Hi', parameters: { deep: [{ json: null }] } } }],
    [true, { message_type: 'ping' }],
    [false, { message_type: 'shout', payload: {} }],
    [false, []],
  ])('say %s of the frame %j of a client, as zod does', (valid, frame) => {
    expect(client.validate(frame).valid).toBe(valid)
    expect(clientFrameSchema.safeParse(frame).success).toBe(valid)
  })

  it.each<[boolean, unknown]>([
    [true, { message_type: 'pong', payload: { time: 'now' }, added: 'later' }],
    [true, { message_type: 'unsubscription_confirmed', payload: { channel: 'all', added: 'later' } }],
    [false, { message_type: 'realtime_event', payload: { channel: 'all', subscription: 's', events: [] } }],
    [false, { message_type: 'error', payload: { code: 'whim', detail: '', retryable: false } }],
  ])('say %s of the frame %j of the server, as zod does', (valid, frame) => {
    expect(server.validate(frame).valid).toBe(valid)
    expect(serverFrameSchema.safeParse(frame).success).toBe(valid)
  })

  it('have the pattern of a channel that zod checks by a function', () => {
    const pattern = new RegExp(DEFINITIONS.get(channelSchema)?.pattern ?? '')
    const part = fc.constantFrom('execution', 'topic', 'agent', 'workflow', 'all', ':', 'a.b', '_', '', 'x'.repeat(129))

    fc.assert(
      fc.property(fc.array(part, { maxLength: 4 }), (parts) => {
        const channel = parts.join('')
        expect(pattern.test(channel)).toBe(channelSchema.safeParse(channel).success)
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('asyncapi.json', () => {
  const validator = new Validator(specification as Schema, '7')

  it('is what the JSON Schema of AsyncAPI 3.0 says', () => {
    const { valid, errors } = validator.validate(written('asyncapi.json'))

    expect(errors.filter(({ keyword }) => keyword !== '$ref')).toEqual([])
    expect(valid).toBe(true)
  })

  it.each<[string, Record<string, unknown>]>([
    ['without its title', { info: { version: '1' } }],
    [
      'with an operation that does neither',
      { operations: { tell: { action: 'shout', channel: { $ref: '#/channels/socket' } } } },
    ],
    ['of another version', { asyncapi: '4.0.0' }],
  ])('would not be valid %s', (_what, changes) => {
    const broken = { ...(written('asyncapi.json') as Record<string, unknown>), ...changes }

    expect(validator.validate(broken).valid).toBe(false)
  })

  it('has every frame of both sides as a message', () => {
    const { messages } = (written('asyncapi.json') as { components: { messages: Record<string, unknown> } }).components
    const types = [...clientFrameSchema.options, ...serverFrameSchema.options].map(({ shape }) => shape.message_type.value)

    expect(Object.keys(messages)).toEqual(expect.arrayContaining(types))
    expect(Object.keys(componentSchemas())).toEqual(expect.arrayContaining(types))
  })
})
