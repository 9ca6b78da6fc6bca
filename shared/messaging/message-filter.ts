import type { Envelope } from '#shared/protocol/envelope.ts'
import type { MessageFilter } from '#shared/protocol/message-filter.ts'

type Matcher = MessageFilter[string][number]
/** One comparison, or two that both hold: `['>=', 0, '<', 100]`. */
type Range = Extract<Matcher, { numeric: unknown }>['numeric']

/** Names that never lead anywhere, not even where the data of a message has them: they name parts of the language. */
const UNREACHABLE = new Set(['__proto__', 'constructor', 'prototype'])

/** Whether a subscription gets a message: every path of its filter matches, by any of its matchers. */
export function matchesFilter(filter: MessageFilter, envelope: Envelope): boolean {
  return Object.entries(filter).every(([path, matchers]) => {
    const found = path.split('.').reduce<unknown[]>(step, [envelope])
    return matchers.some((matcher) => matches(matcher, found))
  })
}

/** Whether a filter looks into the data of a message, which need not have travelled with it. */
export const readsData = (filter: MessageFilter): boolean => Object.keys(filter).some((path) => path.split('.')[0] === 'data')

/** One name further from each of the values; through an array, from each of its elements. */
const step = (values: unknown[], name: string): unknown[] =>
  UNREACHABLE.has(name)
    ? []
    : elementsOf(values).flatMap((value) =>
        typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? [Reflect.get(value, name)] : [],
      )

function matches(matcher: Matcher, found: unknown[]): boolean {
  if (typeof matcher === 'object' && matcher !== null && 'exists' in matcher) return found.length > 0 === matcher.exists
  return elementsOf(found).some((value) => matchesValue(matcher, value))
}

function matchesValue(matcher: Exclude<Matcher, { exists: boolean }>, value: unknown): boolean {
  if (typeof matcher !== 'object' || matcher === null) return value === matcher
  if ('prefix' in matcher) return typeof value === 'string' && value.startsWith(matcher.prefix)
  if ('anything-but' in matcher) return !matcher['anything-but'].some((excluded) => excluded === value)
  return typeof value === 'number' && isInRange(value, matcher.numeric)
}

const isInRange = (value: number, range: Range): boolean =>
  COMPARE[range[0]](value, range[1]) && (range.length === 2 || COMPARE[range[2]](value, range[3]))

const COMPARE: Record<Range[0], (value: number, bound: number) => boolean> = {
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
  '=': (value, bound) => value === bound,
  '>=': (value, bound) => value >= bound,
  '>': (value, bound) => value > bound,
}

/** The values themselves, and in place of an array its elements, however deep. */
const elementsOf = (values: unknown[]): unknown[] => values.flat(Number.POSITIVE_INFINITY)
