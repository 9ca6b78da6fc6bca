import { describe, expect, it } from 'vitest'
import { MAX_ALIASES, MAX_COST, MAX_DEPTH, MAX_TOKENS } from '#shared/graphql/operation-limits.ts'
import { readOperation } from '#shared/graphql/read-operation.ts'

/** What was wrong with it; nothing when it may be executed. */
function refusalsOf(query: string, variables?: Record<string, unknown>): string[] {
  const operation = readOperation({ query, variables })
  return operation.result === 'refused' ? operation.errors.map(({ message }) => message) : []
}

const nested = (levels: number): string =>
  levels === 0 ? 'agentId' : `agent { executions(limit: 1) { nodes { ${nested(levels - 1)} } } }`

describe('an operation', () => {
  it.each([
    [
      'with a large page of events',
      '{ executionEvents(executionId: "e", limit: 1000) { nodes { sequence eventType content } next complete } }',
    ],
    [
      'over agents and what they do',
      '{ agents(limit: 20) { nodes { name executions(limit: 10) { nodes { status createdAt } } } } }',
    ],
    ['with a few aliases', '{ a: agent(agentId: "a") { name } b: agent(agentId: "b") { name } }'],
  ])('is accepted: %s', (_what, query) => {
    expect(refusalsOf(query)).toEqual([])
  })

  it('is as deep as it may be, and no deeper', () => {
    const deep = (levels: number) => `{ execution(executionId: "e") { ${nested(levels)} } }`

    expect(refusalsOf(deep(2))).toEqual([])
    expect(refusalsOf(deep(3))).toEqual([`the operation is 11 levels deep; ${MAX_DEPTH} are allowed`])
  })

  it('pays for every object that a list may have, at every level', () => {
    const [refusal] = refusalsOf('{ agents(limit: 100) { nodes { executions(limit: 100) { nodes { status } } } } }')

    // agents 20, then 100 times: nodes 5, executions 20, then 100 times: nodes 10 and status 1
    expect(refusal).toBe(
      `the operation costs ${20 + 100 * (5 + 20 + 100 * (10 + 1))}; ${MAX_COST} is allowed: ask for less at once`,
    )
  })

  it('pays for sizes that come as variables', () => {
    const query = 'query ($n: Int!) { agents(limit: $n) { nodes { executions(limit: $n) { nodes { status } } } } }'

    expect(refusalsOf(query, { n: 5 })).toEqual([])
    expect(refusalsOf(query, { n: 100 })[0]).toContain('costs')
    expect(refusalsOf(query, {})[0]).toContain('"$n"')
  })

  it('pays for sizes that nobody wrote down', () => {
    const query = 'query ($n: Int! = 2147483647) { agents(limit: $n) { nodes { name } } }'

    expect(refusalsOf(query)[0]).toContain('costs')
  })

  it('gains nothing by a negative size', () => {
    expect(
      refusalsOf(
        `{ ${'a'.repeat(3)}: agents(limit: -2147483648) { nodes { name executions(limit: 5000) { nodes { status } } } } }`,
      )[0],
    ).toContain('costs')
  })

  it('pays for a fragment wherever it is spread', () => {
    const levels = 30
    const fragments = Array.from(
      { length: levels },
      (_, level) =>
        `fragment f${level} on Execution { events(limit: 1) { next } ...f${level + 1} ... on Execution { ...f${level + 1} } }`,
    )
    const query = `{ execution(executionId: "e") { ...f0 } } ${fragments.join(' ')} fragment f${levels} on Execution { status }`

    const started = performance.now()
    const [refusal] = refusalsOf(query)

    expect(refusal).toContain('costs')
    expect(performance.now() - started).toBeLessThan(10_000)
  })

  it('pays for each mutation', () => {
    const cancel = (count: number) =>
      `mutation { ${Array.from({ length: count }, (_, index) => `c${index}: cancelExecution(executionId: "e") { status }`).join(' ')} }`

    expect(refusalsOf(cancel(MAX_ALIASES))).toEqual([])
    expect(refusalsOf(cancel(MAX_ALIASES + 1))).toEqual([`the document has more than ${MAX_ALIASES} aliases`])
  })

  it('has few aliases, in fragments and in introspection too', () => {
    const aliases = Array.from({ length: MAX_ALIASES + 1 }, (_, index) => `t${index}: __typename`).join(' ')

    expect(refusalsOf(`{ ${aliases} }`)[0]).toContain('aliases')
    expect(refusalsOf(`{ agents { ...f } } fragment f on AgentPage { ${aliases} }`)[0]).toContain('aliases')
  })

  it('describes the schema once at a time, and not in circles', () => {
    const circle = '{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }'

    expect(refusalsOf(circle)).toEqual(['Maximum introspection depth exceeded'])
  })

  it.each([
    ['many words', `{ ${'agentId '.repeat(MAX_TOKENS)} }`],
    ['deep nesting', '{ agent '.repeat(100_000)],
    ['deep lists', `{ agents(after: ${'['.repeat(100_000)}`],
    ['deep types', `query ($a: ${'['.repeat(100_000)}`],
  ])('of %s is not even parsed', (_what, query) => {
    expect(refusalsOf(query)[0]).toContain(`more than ${MAX_TOKENS} tokens`)
  })

  it.each([
    ['a selection', `${'{ agent '.repeat(400)}${'}'.repeat(400)}`],
    ['a value', `mutation { publishMessage(topic: "t", message: { data: ${'['.repeat(480)}${']'.repeat(480)} }) { topic } }`],
    ['a type', `query ($a: ${'['.repeat(480)}Int${']'.repeat(480)}) { agents { next } }`],
  ])('nested as deep as its words allow is no danger: %s', (_what, query) => {
    expect(() => refusalsOf(query)).not.toThrow()
  })

  it('that overlaps with itself costs what each of its parts does', () => {
    const query = `{ ${'agents { nodes { name name name } } '.repeat(90)} }`

    expect(refusalsOf(query)[0]).toContain('costs')
  })

  it('names a few of its errors', () => {
    expect(refusalsOf(`{ ${Array.from({ length: 500 }, (_, index) => `x${index}`).join(' ')} }`)).toHaveLength(11)
  })

  it('must be chosen where there are several', () => {
    const query = 'query a { agents { next } } query b { agents { next } }'

    expect(refusalsOf(query)[0]).toContain('operation name')
    expect(readOperation({ query, operationName: 'b' }).result).toBe('ready')
  })
})
