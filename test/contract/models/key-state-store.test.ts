import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { dynamoKeyStateStore } from '#shared/models/dynamo-key-state-store.ts'
import type { KeyStateStore } from '#shared/models/key-state-store.ts'
import { memoryKeyStateStore } from '#shared/models/memory-key-state-store.ts'
import { dynamoBackends } from '../../helpers/dynamo.ts'

const NOW = Date.parse('2026-11-21T09:30:00Z')
const fingerprint = '0123456789ab'

describe('states of keys in memory', () => keyStateContract(memoryKeyStateStore))

describe.each(dynamoBackends())('states of keys on $name', ({ client, tables }) =>
  keyStateContract(() => dynamoKeyStateStore(client, tables.streams)),
)

function keyStateContract(makeStore: () => KeyStateStore): void {
  it('knows nothing of a service that nobody used', async () => {
    expect(await makeStore().list(randomUUID())).toEqual([])
  })

  it('never replaces a later end of a pause by an earlier one', async () => {
    const store = makeStore()
    const service = randomUUID()
    const cool = (seconds: number, reason: 'rate_limit' | 'authentication_error') =>
      store.cool(service, { fingerprint, until: NOW + seconds * 1_000, reason, now: NOW })

    await cool(300, 'authentication_error')
    await Promise.all([cool(5, 'rate_limit'), cool(60, 'rate_limit'), cool(300, 'rate_limit')])
    expect(await store.list(service)).toEqual([{ fingerprint, cooldownUntil: NOW + 300_000, reason: 'authentication_error' }])

    await cool(301, 'rate_limit')
    expect(await store.list(service)).toEqual([{ fingerprint, cooldownUntil: NOW + 301_000, reason: 'rate_limit' }])
  })

  it('keeps when a key was used beside its pause, and its limit as it was last', async () => {
    const store = makeStore()
    const service = randomUUID()

    await store.use(service, { fingerprint, requestsPerMinute: 60, now: NOW })
    await store.cool(service, { fingerprint, until: NOW + 5_000, reason: 'rate_limit', now: NOW })
    const limited = await store.list(service)
    await store.use(service, { fingerprint, now: NOW + 1 })

    const pause = { fingerprint, cooldownUntil: NOW + 5_000, reason: 'rate_limit' }
    expect(limited).toEqual([{ ...pause, lastUsedAt: NOW, requestsPerMinute: 60 }])
    expect(await store.list(service)).toEqual([{ ...pause, lastUsedAt: NOW + 1 }])
  })

  it('lists the keys of one service by their fingerprints', async () => {
    const store = makeStore()
    const [service, other] = [randomUUID(), randomUUID()]
    for (const name of ['cc', 'aa', 'bb']) await store.use(service, { fingerprint: name, now: NOW })
    await store.use(other, { fingerprint: 'dd', now: NOW })

    expect((await store.list(service)).map((state) => state.fingerprint)).toEqual(['aa', 'bb', 'cc'])
  })
}
