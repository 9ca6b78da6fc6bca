import fc from 'fast-check'
import { executeSubscriptionEvent, isObjectType, OperationTypeNode, type ValidatedSubscriptionArgs } from 'graphql'
import { describe, expect, it } from 'vitest'
import { eventObject } from '#shared/graphql/event-object.ts'
import { projectSubscription } from '#shared/graphql/project-subscription.ts'
import { readOperation } from '#shared/graphql/read-operation.ts'
import { SCHEMA } from '#shared/graphql/schema.ts'
import { flatEventSchema, flatFactSchema, flatMessageSchema, graphqlName } from '#shared/protocol/flat-event.ts'
import type { StreamEvent, StreamEventBody } from '#shared/protocol/stream-event.ts'
import { viewFrame } from '#shared/streams/view-frame.ts'
import { chunk, completed, executionEvents, retrying, started } from '../../helpers/execution-events.ts'
import { aFact, toldAt } from '../../helpers/facts.ts'
import { aChannel, aMessage } from '../../helpers/streams.ts'

const EVERYTHING: StreamEventBody[] = [
  started(),
  { type: 'thinking', data: { text: 'hm', status: 'searching', progress: 12.5 } },
  { type: 'tool_call', data: { callId: 'c', toolName: 'search', arguments: { q: ['a', null] } } },
  { type: 'tool_result', data: { callId: 'c', toolName: 'search', result: null } },
  retrying(1),
  { type: 'usage', data: { inputTokens: 1, outputTokens: 2 } },
  chunk('A gate.'),
  completed('A gate.', 8),
]
const fact = toldAt(aFact(), '2026-11-21T09:30:00.000Z').numbered(3)

/** The subscriptions, and the events that they show. */
const STREAMS: { root: string; type: string; call: string; events: StreamEvent[] }[] = [
  {
    root: 'agentExecutionStream',
    type: 'ExecutionEvent',
    call: 'agentExecutionStream(executionId: "e-1")',
    events: executionEvents(EVERYTHING),
  },
  {
    root: 'topicStream',
    type: 'TopicMessage',
    call: 'topicStream(topic: "t")',
    events: [aMessage(0), aMessage(7, { data: null })],
  },
  { root: 'agentEvents', type: 'Fact', call: 'agentEvents', events: [fact] },
]

const OUTCOME = { text: 'A gate.', usage: { inputTokens: 3, outputTokens: 4 } }

function fieldsOf(type: string): string[] {
  const definition = SCHEMA.getType(type)
  return isObjectType(definition) ? Object.keys(definition.getFields()) : []
}

function validated(query: string, variables: Record<string, unknown> = {}): ValidatedSubscriptionArgs {
  const operation = readOperation({ query, variables })
  if (operation.result === 'refused') throw operation.errors[0]
  const { validated } = operation
  if (validated.operation.operation !== OperationTypeNode.SUBSCRIPTION) throw new TypeError('no subscription')
  return validated as ValidatedSubscriptionArgs
}

/** Ways to write a selection: each puts what it is given into something, and may need a fragment of its own. */
const WRAPPERS = ['plain', 'typed', 'named', 'included', 'skipped', 'by variable', 'not by variable', 'left out'] as const

const field = (type: string) =>
  fc.record({
    name: fc.constantFrom(...fieldsOf(type), '__typename'),
    isAliased: fc.boolean(),
    isTwice: fc.boolean(),
    wrappers: fc.array(fc.constantFrom(...WRAPPERS), { maxLength: 3 }),
  })

/** A subscription in any of the ways in which the same selection can be written. */
const written = fc.constantFrom(...STREAMS).chain((stream) =>
  fc
    .record({
      fields: fc.uniqueArray(field(stream.type), { selector: ({ name }) => name, minLength: 1, maxLength: 7 }),
      event: fc.constantFrom(...stream.events),
      hasTwoRoots: fc.boolean(),
    })
    .map(({ fields, event, hasTwoRoots }) => {
      const fragments: string[] = []
      const wrap = (inner: string, wrapper: (typeof WRAPPERS)[number]): string => {
        const fragment = `f${fragments.length}`
        if (wrapper === 'named') fragments.push(`fragment ${fragment} on ${stream.type} { ${inner} }`)
        return {
          plain: `... { ${inner} }`,
          typed: `... on ${stream.type} { ${inner} }`,
          named: `...${fragment}`,
          included: `... @include(if: true) { ${inner} }`,
          skipped: `... @skip(if: false) { ${inner} }`,
          'by variable': `... @include(if: $yes) { ${inner} }`,
          'not by variable': `... @skip(if: $yes) { ${inner} }`,
          'left out': `... @include(if: false) { ${inner} }`,
        }[wrapper]
      }
      const texts = fields.map(({ name, isAliased, isTwice, wrappers }) => {
        const plain = isAliased ? `my_${name}: ${name}` : name
        const text = wrappers.reduce(wrap, plain)
        return isTwice ? `${text} ${plain}` : text
      })
      const selection = `{ ${texts.join(' ')} }`
      const roots = hasTwoRoots ? `${stream.call} ${selection} ${stream.call} { ${texts[0]} }` : `${stream.call} ${selection}`
      const body = `{ ${roots} } ${fragments.join(' ')}`
      return { query: `subscription${body.includes('$yes') ? ' ($yes: Boolean!)' : ''} ${body}`, event, root: stream.root }
    }),
)

describe('the projection of a subscription', () => {
  it('shows of an event what graphql-js would show, however it is written', async () => {
    await fc.assert(
      fc.asyncProperty(written, fc.boolean(), async ({ query, event, root }, yes) => {
        const args = validated(query, query.includes('$yes: ') ? { yes } : {})
        const { key, fields } = projectSubscription(args)
        const sent = JSON.parse(
          await viewFrame(aChannel(), { kind: 'graphql', id: '1', key, fields }, event, async () => OUTCOME),
        )

        const executed = await executeSubscriptionEvent({ ...args, rootValue: { [root]: eventObject(event, OUTCOME) } })

        expect(executed.errors).toBeUndefined()
        expect(JSON.stringify(sent.payload)).toBe(JSON.stringify({ data: executed.data }))
      }),
      { numRuns: 500 },
    )
  })

  it.each([
    ['agentExecutionStream(executionId: "e-1", after: 4)', 'execution:e-1', 4],
    ['agentExecutionStream(executionId: "e-1")', 'execution:e-1', undefined],
    ['agentExecutionStream(executionId: "e-1", after: null)', 'execution:e-1', undefined],
    ['topicStream(topic: "questions", after: -1)', 'topic:questions', -1],
    ['agentEvents(agentId: "assistant")', 'agent:assistant', undefined],
    ['agentEvents(agentId: null, after: 0)', 'all', 0],
    ['agentEvents', 'all', undefined],
  ])('finds the channel and the cursor: %s', (call, channel, after) => {
    expect(projectSubscription(validated(`subscription { ${call} { sequence } }`))).toMatchObject({ channel, after })
  })

  it('names the answer by the alias of the field', () => {
    const { key, fields } = projectSubscription(validated('subscription { mine: agentEvents { at: timestamp } }'))

    expect({ key, fields }).toEqual({ key: 'mine', fields: [['at', 'timestamp']] })
  })

  it.each([
    ['two names for one field', 'subscription { topicStream(topic: "t") { data copy: data } }', '"data" is selected twice'],
    ['a name as long as a book', `subscription { agentEvents { ${'a'.repeat(101)}: sequence } }`, '100 characters'],
    ['a book for the stream', `subscription { ${'a'.repeat(101)}: agentEvents { sequence } }`, '100 characters'],
    ['two streams', 'subscription { a: agentEvents { sequence } b: agentEvents { sequence } }', 'must select only one'],
    [
      'an id that would be another channel',
      'subscription { agentExecutionStream(executionId: "a:b") { sequence } }',
      'executionId',
    ],
    ['a topic of another tenant', 'subscription { topicStream(topic: "../other") { sequence } }', 'topic'],
    ['a cursor before the start', 'subscription { agentEvents(after: -2) { sequence } }', 'after'],
  ])('refuses %s', (_what, query, message) => {
    expect(() => projectSubscription(validated(query))).toThrow(message)
  })
})

describe('the schema', () => {
  it.each([
    ['ExecutionEvent', flatEventSchema],
    ['TopicMessage', flatMessageSchema],
    ['Fact', flatFactSchema],
  ])('has the fields of the flat event: %s', (type, { shape }) => {
    expect(fieldsOf(type).sort()).toEqual(Object.keys(shape).map(graphqlName).sort())
  })
})
