import { expect, it, vi } from 'vitest'
import { cachedAgentStore } from '#shared/agents/cached-agent-store.ts'
import { memoryAgentStore } from '#shared/agents/memory-agent-store.ts'
import { anAgent } from '../../helpers/executions.ts'

function setUp() {
  const store = memoryAgentStore()
  const reads = vi.spyOn(store, 'get')
  const time = { now: 1_000 }
  return { store, reads, time, cached: cachedAgentStore(store, { now: () => time.now }) }
}

it('reads an agent once in five seconds', async () => {
  const { store, reads, time, cached } = setUp()
  await store.create('acme', anAgent())

  await cached.get('acme', 'assistant')
  time.now += 4_999
  expect(await cached.get('acme', 'assistant')).toEqual(anAgent())
  expect(reads).toHaveBeenCalledTimes(1)
  time.now += 1
  await cached.get('acme', 'assistant')
  expect(reads).toHaveBeenCalledTimes(2)
})

it('keeps tenants apart', async () => {
  const { store, cached } = setUp()
  await store.create('acme', anAgent())
  await cached.get('acme', 'assistant')

  expect(await cached.get('other', 'assistant')).toBeUndefined()
})

it('does not remember that an agent was missing', async () => {
  const { store, cached } = setUp()
  expect(await cached.get('acme', 'assistant')).toBeUndefined()

  await store.create('acme', anAgent())

  expect(await cached.get('acme', 'assistant')).toEqual(anAgent())
})
