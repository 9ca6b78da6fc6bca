import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { matchesFilter, readsData } from '#shared/messaging/message-filter.ts'
import { type MessageFilter, messageFilterSchema } from '#shared/protocol/message-filter.ts'
import { anEnvelope } from '../../helpers/streams.ts'

const envelope = anEnvelope({
  type: 'alert',
  source: '/sensors/7',
  priority: 8,
  data: {
    severity: 'high',
    systolic: 141,
    confirmed: false,
    note: null,
    tags: ['heart', ['urgent']],
    readings: [{ value: 120 }, { value: 141, unit: 'mmHg' }],
    none: [],
  },
})

describe('matchesFilter', () => {
  it.each<[string, MessageFilter]>([
    ['nothing asked for', {}],
    ['a text', { type: ['alert'] }],
    ['one of several', { type: ['question', 'alert'] }],
    ['a number', { priority: [8] }],
    ['a boolean', { 'data.confirmed': [false] }],
    ['null', { 'data.note': [null] }],
    ['a prefix', { source: [{ prefix: '/sensors/' }] }],
    ['a field that is there', { 'data.note': [{ exists: true }] }],
    ['an empty list that is there', { 'data.none': [{ exists: true }] }],
    ['a field that is not there', { 'data.absent': [{ exists: false }] }],
    ['anything but', { 'data.severity': [{ 'anything-but': ['low', 'medium'] }] }],
    ['a comparison', { 'data.systolic': [{ numeric: ['>', 140] }] }],
    ['a range', { 'data.systolic': [{ numeric: ['>=', 141, '<', 142] }] }],
    ['any element of a list', { 'data.tags': ['heart'] }],
    ['an element of a list in a list', { 'data.tags': ['urgent'] }],
    ['a field of any element', { 'data.readings.value': [{ numeric: ['>', 140] }] }],
    ['a field that one element has', { 'data.readings.unit': [{ exists: true }] }],
    ['every path', { type: ['alert'], 'data.severity': ['high'], 'data.systolic': [{ numeric: ['=', 141] }] }],
  ])('passes %s', (_what, filter) => {
    expect(matchesFilter(messageFilterSchema.parse(filter), envelope)).toBe(true)
  })

  it.each<[string, MessageFilter]>([
    ['another text', { type: ['question'] }],
    ['a number for a text', { 'data.severity': [1] }],
    ['a text for a number', { 'data.systolic': ['141'] }],
    ['another prefix', { source: [{ prefix: '/principals/' }] }],
    ['a prefix of a number', { 'data.systolic': [{ prefix: '14' }] }],
    ['a field that shall not be there', { 'data.note': [{ exists: false }] }],
    ['a field that shall be there', { 'data.absent': [{ exists: true }] }],
    ['what is excluded', { 'data.severity': [{ 'anything-but': ['high'] }] }],
    ['anything but, where there is nothing', { 'data.absent': [{ 'anything-but': ['high'] }] }],
    ['a bound', { 'data.systolic': [{ numeric: ['>', 141] }] }],
    ['one side of a range', { 'data.systolic': [{ numeric: ['>=', 100, '<=', 140] }] }],
    ['a comparison with a text', { 'data.severity': [{ numeric: ['>', 0] }] }],
    ['one of two paths', { type: ['alert'], 'data.severity': ['low'] }],
    ['a path through a text', { 'data.severity.length': [{ exists: true }] }],
    ['the length of a list', { 'data.tags.length': [{ exists: true }] }],
    ['an index of a list', { 'data.tags.0': ['heart'] }],
  ])('keeps back %s', (_what, filter) => {
    expect(matchesFilter(messageFilterSchema.parse(filter), envelope)).toBe(false)
  })

  it.each(['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'])('finds nothing under "%s"', (name) => {
    expect(matchesFilter({ [`data.${name}`]: [{ exists: true }] }, envelope)).toBe(false)
    expect(matchesFilter({ [`data.${name}.name`]: [{ exists: true }, { 'anything-but': ['x'] }] }, envelope)).toBe(false)
  })

  it.each(['__proto__', 'constructor', 'prototype'])('does not even see a field of the data that is called "%s"', (name) => {
    const data = JSON.parse(`{"${name}": {"admin": true}}`)

    expect(matchesFilter({ [`data.${name}.admin`]: [true] }, anEnvelope({ data }))).toBe(false)
  })

  it('never throws, whatever filter and data are', () => {
    const path = fc
      .array(fc.constantFrom('data', 'type', 'a', 'b', '0', 'length', '__proto__'), { minLength: 1, maxLength: 5 })
      .map((names) => names.join('.'))
    const matcher = fc.oneof(
      fc.string(),
      fc.double({ noNaN: true }),
      fc.constant(null),
      fc.record({ exists: fc.boolean() }),
      fc.record({ prefix: fc.string({ minLength: 1 }) }),
    )
    const filters = fc.dictionary(path, fc.array(matcher, { minLength: 1 }))

    fc.assert(
      fc.property(filters, fc.jsonValue(), (filter, data) => {
        expect(matchesFilter(filter, anEnvelope({ data: JSON.parse(JSON.stringify(data)) }))).toBeTypeOf('boolean')
      }),
    )
  })

  it('passes a message by the very value that is in it, and no other', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (value, other) => {
        const message = anEnvelope({ data: { list: [{ value }] } })

        expect(matchesFilter({ 'data.list.value': [value] }, message)).toBe(true)
        expect(matchesFilter({ 'data.list.value': [other] }, message)).toBe(value === other)
        expect(matchesFilter({ 'data.list.value': [{ 'anything-but': [other] }] }, message)).toBe(value !== other)
      }),
    )
  })

  it('compares numbers as numbers are compared', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), fc.double({ noNaN: true }), (value, bound) => {
        const passes = (operator: '<' | '<=' | '=' | '>=' | '>') =>
          matchesFilter({ 'data.value': [{ numeric: [operator, bound] }] }, anEnvelope({ data: { value } }))

        expect([passes('<'), passes('<='), passes('='), passes('>='), passes('>')]).toEqual([
          value < bound,
          value <= bound,
          value === bound,
          value >= bound,
          value > bound,
        ])
      }),
    )
  })
})

describe('messageFilterSchema', () => {
  it.each([
    ['half a comparison', { 'data.a': [{ numeric: ['>'] }] }],
    ['bounds without a comparison', { 'data.a': [{ numeric: [1, 2] }] }],
    ['three parts of a range', { 'data.a': [{ numeric: ['>', 1, '<'] }] }],
    ['an empty list', { 'data.a': [] }],
    ['a path that is none', { 'data..a': ['x'] }],
    ['an unknown matcher', { 'data.a': [{ suffix: 'x' }] }],
    [
      'more paths than anybody has the time for',
      Object.fromEntries(Array.from({ length: 21 }, (_, at) => [`data.a${at}`, ['x']])),
    ],
  ])('refuses %s', (_what, filter) => {
    expect(messageFilterSchema.safeParse(filter).success).toBe(false)
  })
})

describe('readsData', () => {
  it('says whether a filter looks into the data', () => {
    expect(readsData({ type: ['a'], 'data.severity': ['high'] })).toBe(true)
    expect(readsData({ data: [{ exists: true }] })).toBe(true)
    expect(readsData({ type: ['a'], datacontenttype: ['text/plain'] })).toBe(false)
  })
})
