import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { AnswerKey, AnswerStore } from '#shared/idempotency/answer-store.ts'
import { dynamoAnswerStore } from '#shared/idempotency/dynamo-answer-store.ts'
import { memoryAnswerStore } from '#shared/idempotency/memory-answer-store.ts'
import { dynamoBackends } from '../../helpers/dynamo.ts'
import { loseAnswers } from '../../helpers/lost-answers.ts'

const NOW = Date.parse('2026-11-21T09:30:00Z')
const asked = { hash: 'a', now: NOW, busyUntil: NOW + 60_000, expiresAt: NOW + 3_600_000 }
const answer = { status: 201, body: { id: '1', list: [null, 'ü'] }, headers: { location: '/v1/things/1' } }

describe('answers in memory', () => answerContract(memoryAnswerStore))

describe.each(dynamoBackends())('answers on $name', ({ client, tables }) =>
  answerContract(() => dynamoAnswerStore(client, tables.executions)),
)

it.each(dynamoBackends())('an answer of $name that is lost leaves nobody busy with what he began himself', async (backend) => {
  const client = backend.connect()
  const { lost } = loseAnswers(client, 'repeat')
  const store = dynamoAnswerStore(client, backend.tables.executions)
  const key = newKey()

  await store.keep(key, await begun(store, key), answer)

  expect(lost()).toBeGreaterThan(0)
  expect(await store.begin(key, asked)).toEqual({ result: 'answered', answer })
})

const newKey = (): AnswerKey => ({ tenant: 'acme', subject: 'ada', operation: 'createThing', key: randomUUID() })

async function begun(store: AnswerStore, key: AnswerKey, request = asked): Promise<string> {
  const result = await store.begin(key, request)
  if (result.result !== 'begun') throw new Error(`it is ${result.result}`)
  return result.fence
}

function answerContract(makeStore: () => AnswerStore): void {
  it('gives the first answer again to the same request, and none to another one', async () => {
    const store = makeStore()
    const key = newKey()
    await store.keep(key, await begun(store, key), answer)

    expect(await store.begin(key, { ...asked, now: NOW + 1 })).toEqual({ result: 'answered', answer })
    expect(await store.begin(key, { ...asked, hash: 'b' })).toEqual({ result: 'different' })
  })

  it('gives a text again as it was', async () => {
    const store = makeStore()
    const key = newKey()
    const text = { status: 200, text: '{"data":{"id":"ü"}}', headers: { 'content-type': 'application/graphql-response+json' } }
    await store.keep(key, await begun(store, key), text)

    expect(await store.begin(key, asked)).toEqual({ result: 'answered', answer: text })
  })

  it('lets one of many at once do the work', async () => {
    const store = makeStore()
    const key = newKey()

    const results = await Promise.all(Array.from({ length: 10 }, () => store.begin(key, asked)))

    expect(results.filter(({ result }) => result === 'begun')).toHaveLength(1)
    expect(results.filter(({ result }) => result === 'busy')).toHaveLength(9)
  })

  it('begins anew after a request that came to nothing', async () => {
    const store = makeStore()
    const key = newKey()
    await store.drop(key, await begun(store, key))

    expect(await store.begin(key, { ...asked, hash: 'b' })).toMatchObject({ result: 'begun' })
  })

  it('gives work that was lost to the next one, and takes no answer of the one before', async () => {
    const store = makeStore()
    const key = newKey()
    const lost = await begun(store, key)
    const later = { ...asked, now: asked.busyUntil, busyUntil: asked.busyUntil + 60_000 }
    const fence = await begun(store, key, later)

    await store.keep(key, lost, { status: 500 })
    await store.drop(key, lost)

    expect(await store.begin(key, later)).toEqual({ result: 'busy' })
    await store.keep(key, fence, answer)
    expect(await store.begin(key, later)).toEqual({ result: 'answered', answer })
  })

  it('never drops what was answered', async () => {
    const store = makeStore()
    const key = newKey()
    const fence = await begun(store, key)
    await store.keep(key, fence, answer)

    await store.drop(key, fence)

    expect(await store.begin(key, asked)).toEqual({ result: 'answered', answer })
  })

  it('forgets when the time is over, whether it was cleared away or not', async () => {
    const store = makeStore()
    const key = newKey()
    await store.keep(key, await begun(store, key), answer)

    expect(await store.begin(key, { ...asked, hash: 'b', now: asked.expiresAt })).toMatchObject({ result: 'begun' })
  })

  it('never gives an answer to another tenant, caller or operation', async () => {
    const store = makeStore()
    const key = newKey()
    await store.keep(key, await begun(store, key), answer)
    const others = [{ tenant: 'globex' }, { subject: 'bob' }, { operation: 'dropThing' }, { subject: 'ada"', key: 'x' }]

    const results = await Promise.all(others.map((other) => store.begin({ ...key, ...other }, asked)))

    expect(results.map(({ result }) => result)).toEqual(['begun', 'begun', 'begun', 'begun'])
  })
}
