import { describe, expect, it } from 'vitest'
import type { StoredLetter } from '#shared/messaging/dead-letters.ts'
import { listDeadLetters, showDeadLetter } from '#shared/messaging/list-dead-letters.ts'
import { memoryDeadLetters } from '#shared/messaging/memory-dead-letters.ts'
import { searchDeadLetters } from '#shared/messaging/search-dead-letters.ts'
import { discardDeadLetters, redriveDeadLetters } from '#shared/messaging/settle-dead-letters.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import { memoryLog } from '#shared/platform/log.ts'
import { aLetter, aWorkLetter } from '../../helpers/dead-letters.ts'

const ada = { tenant: 'acme', subject: 'ada' }
const at = (minute: number) => Date.parse(`2026-11-21T09:${String(minute).padStart(2, '0')}:00Z`)

function world(letters: StoredLetter[], queues?: string[]) {
  const deadLetters = memoryDeadLetters(letters, queues)
  const log = memoryLog()
  return { deadLetters, log, dependencies: { deadLetters, defaultTenant: 'default', clock: { now: () => at(50) }, log } }
}

/** More than one receive brings. */
const many = (count: number): StoredLetter[] =>
  Array.from({ length: count }, (_none, minute) => aLetter({ id: `l-${minute}`, sentAt: at(minute) }))

const idsOf = (letters: Iterable<{ id: string }>): string[] => [...letters].map(({ id }) => id).toSorted()

describe('listDeadLetters', () => {
  const all = { limit: 100, filter: {} }

  it('lists all queues, the oldest first, and shows every letter again', async () => {
    const { dependencies, deadLetters } = world([...many(25).toReversed(), aWorkLetter('acme', { id: 'w-1', sentAt: at(30) })])

    const { deadLetters: listed, more } = await listDeadLetters(dependencies, ada, all)

    expect(listed.map(({ id }) => id)).toEqual([...many(25).map(({ id }) => id), 'w-1'])
    expect(more).toBe(false)
    expect(deadLetters.hidden.size).toBe(0)
  })

  it('stops when there are enough, and says that there are more', async () => {
    const { dependencies, deadLetters } = world(many(25))

    const { deadLetters: listed, more } = await listDeadLetters(dependencies, ada, { limit: 5, filter: {} })

    expect(listed).toHaveLength(5)
    expect(more).toBe(true)
    expect(deadLetters.hidden.size).toBe(0)
  })

  it('never shows letters of another tenant, or of nobody', async () => {
    const { dependencies } = world([
      aLetter({ attributes: { tenant: 'globex' } }),
      aWorkLetter('globex'),
      aWorkLetter('acme', { body: 'no JSON' }),
      aLetter({ attributes: { tenant: '' } }),
      aLetter({ body: { source: 'sluice.messages', 'detail-type': 'm', detail: { tenant: 'globex' } } }),
    ])

    expect((await listDeadLetters(dependencies, ada, all)).deadLetters).toEqual([])
  })

  it.each([
    ['code', { code: 'not_found' }, ['plain', 'sales']],
    ['topic', { topic: 'sales' }, ['sales', 'wrong']],
    ['agent', { agentId: 'assistant' }, ['work']],
    ['age', { olderThan: '2026-11-21T09:11:00Z' }, ['plain']],
    ['several', { topic: 'sales', code: 'not_found' }, ['sales']],
  ])('filters by %s', async (_what, filter, expected) => {
    const { dependencies } = world([
      aLetter({ id: 'plain', sentAt: at(10) }),
      aLetter({ id: 'sales', sentAt: at(11), attributes: { topic: 'sales' } }),
      aLetter({ id: 'wrong', sentAt: at(12), attributes: { topic: 'sales', code: 'validation_error' } }),
      aWorkLetter('acme', { id: 'work', sentAt: at(13) }),
    ])

    const { deadLetters } = await listDeadLetters(dependencies, ada, { limit: 100, filter })

    expect(deadLetters.map(({ id }) => id)).toEqual(expected)
  })

  it('looks into one queue alone', async () => {
    const { dependencies } = world([aLetter(), aWorkLetter('acme', { id: 'w-1' })])

    const { deadLetters } = await listDeadLetters(dependencies, ada, { ...all, queue: 'work' })

    expect(deadLetters.map(({ id }) => id)).toEqual(['w-1'])
  })

  it('knows no other queues', async () => {
    const { dependencies } = world([])

    await expect(listDeadLetters(dependencies, ada, { ...all, queue: 'agent-unknown' })).rejects.toMatchObject({
      code: 'not_found',
    })
  })

  it('shows the beginning of a long body', async () => {
    const { dependencies } = world([aLetter({ body: `"${'x'.repeat(600)}"` })])

    const { deadLetters } = await listDeadLetters(dependencies, ada, all)

    expect(deadLetters).toMatchObject([{ truncated: true, body: `"${'x'.repeat(499)}` }])
  })

  it('shows all letters again though the queue fails in the middle', async () => {
    const { dependencies, deadLetters } = world(many(25))
    let receives = 0
    const failing = {
      ...deadLetters,
      async receive(queue: string, signal: AbortSignal) {
        receives += 1
        if (receives > 2) throw new SluiceError('unavailable', 'the queue is not available now')
        return deadLetters.receive(queue, signal)
      },
    }

    const listing = listDeadLetters({ ...dependencies, deadLetters: failing }, ada, { ...all, queue: 'ingress' })

    await expect(listing).rejects.toMatchObject({ code: 'unavailable' })
    expect(deadLetters.hidden.size).toBe(0)
  })
})

describe('showDeadLetter', () => {
  it('shows all of it', async () => {
    const body = `"${'x'.repeat(600)}"`
    const { dependencies, deadLetters } = world([...many(15), aLetter({ id: 'wanted', body })])

    expect(await showDeadLetter(dependencies, ada, { queue: 'ingress', id: 'wanted' })).toMatchObject({ body })
    expect(deadLetters.hidden.size).toBe(0)
  })

  it('does not show the letter of another tenant', async () => {
    const { dependencies } = world([aLetter({ id: 'theirs', attributes: { tenant: 'globex' } })])

    await expect(showDeadLetter(dependencies, ada, { queue: 'ingress', id: 'theirs' })).rejects.toMatchObject({
      code: 'not_found',
    })
  })
})

describe('redriveDeadLetters', () => {
  it('sends those of a filter back, and leaves the others', async () => {
    const { dependencies, deadLetters, log } = world([
      ...many(12),
      aLetter({ id: 'other', attributes: { code: 'validation_error' } }),
    ])

    const result = await redriveDeadLetters(dependencies, ada, { filter: { code: 'not_found' } })

    expect(result).toEqual({ settled: 12, failed: 0, more: false })
    expect(idsOf(deadLetters.sentBack)).toEqual(idsOf(many(12)))
    expect([...deadLetters.stored.keys()]).toEqual(['other'])
    expect(deadLetters.hidden.has('other')).toBe(false)
    expect(log.lines).toMatchObject([{ code: 'dead_letters_redriven', fields: { tenant: 'acme', subject: 'ada', failed: 0 } }])
  })

  it('sends those with the ids back, and says when some are not there', async () => {
    const { dependencies, deadLetters } = world(many(25))

    const result = await redriveDeadLetters(dependencies, ada, { ids: ['l-3', 'l-21', 'l-99'] })

    expect(result).toEqual({ settled: 2, failed: 0, more: false })
    expect(idsOf(deadLetters.sentBack)).toEqual(['l-21', 'l-3'])
    expect(deadLetters.stored.size).toBe(23)
  })

  it('stops searching when it has all ids', async () => {
    const { dependencies, deadLetters } = world(many(40))
    let receives = 0
    const counted = {
      ...deadLetters,
      receive(queue: string, signal: AbortSignal) {
        receives += 1
        return deadLetters.receive(queue, signal)
      },
    }

    const result = await redriveDeadLetters({ ...dependencies, deadLetters: counted }, ada, { queue: 'ingress', ids: ['l-3'] })

    expect(result).toEqual({ settled: 1, failed: 0, more: false })
    expect(receives).toBe(1)
  })

  it('never touches letters of another tenant, not even by id', async () => {
    const { dependencies, deadLetters } = world([
      aLetter({ id: 'theirs', attributes: { tenant: 'globex' } }),
      aWorkLetter('globex', { id: 'their-work' }),
    ])

    const byId = await redriveDeadLetters(dependencies, ada, { ids: ['theirs', 'their-work'] })
    const everything = await redriveDeadLetters(dependencies, ada, { filter: {} })

    expect([byId, everything]).toEqual([
      { settled: 0, failed: 0, more: false },
      { settled: 0, failed: 0, more: false },
    ])
    expect(deadLetters.sentBack).toEqual([])
    expect(deadLetters.stored.size).toBe(2)
  })

  it('keeps a letter that could not be sent', async () => {
    const { dependencies, deadLetters } = world(many(3))
    const failing = {
      ...deadLetters,
      async sendBack(letter: StoredLetter, tenant: string) {
        if (letter.id === 'l-1') throw new SluiceError('unavailable', 'the queue is not available now')
        await deadLetters.sendBack(letter, tenant)
      },
    }

    const result = await redriveDeadLetters({ ...dependencies, deadLetters: failing }, ada, { filter: {} })

    expect(result).toEqual({ settled: 2, failed: 1, more: false })
    expect([...deadLetters.stored.keys()]).toEqual(['l-1'])
    expect(deadLetters.hidden.has('l-1')).toBe(false)
  })

  it('sends a letter back once, though it is refused again at once', async () => {
    const { dependencies, deadLetters } = world(many(1))
    const refusing = {
      ...deadLetters,
      async sendBack(letter: StoredLetter, tenant: string) {
        await deadLetters.sendBack(letter, tenant)
        deadLetters.stored.set('again', { ...letter, id: 'again', sentAt: at(51) })
      },
    }

    const result = await redriveDeadLetters({ ...dependencies, deadLetters: refusing }, ada, { filter: {} })

    expect(result).toEqual({ settled: 1, failed: 0, more: false })
    expect([...deadLetters.stored.keys()]).toEqual(['again'])
    expect(deadLetters.hidden.has('again')).toBe(false)
  })

  it('loses nothing when it dies between sending and deleting: the next one sends the same letter again', async () => {
    const { dependencies, deadLetters } = world(many(1))
    const dying = {
      ...deadLetters,
      async remove() {
        throw new SluiceError('unavailable', 'the queue is not available now')
      },
    }
    await redriveDeadLetters({ ...dependencies, deadLetters: dying }, ada, { filter: {} })

    const again = await redriveDeadLetters(dependencies, ada, { filter: {} })

    expect(again).toEqual({ settled: 1, failed: 0, more: false })
    expect(deadLetters.sentBack.map(({ id }) => id)).toEqual(['l-0', 'l-0'])
    expect(deadLetters.stored.size).toBe(0)
  })
})

describe('discardDeadLetters', () => {
  it('deletes those that were meant, and sends nothing', async () => {
    const { dependencies, deadLetters, log } = world([...many(3), aLetter({ id: 'theirs', attributes: { tenant: 'globex' } })])

    const result = await discardDeadLetters(dependencies, ada, { filter: {} })

    expect(result).toEqual({ settled: 3, failed: 0, more: false })
    expect([...deadLetters.stored.keys()]).toEqual(['theirs'])
    expect(deadLetters.sentBack).toEqual([])
    expect(log.lines).toMatchObject([{ code: 'dead_letters_discarded' }])
  })
})

describe('searchDeadLetters', () => {
  it('keeps no bodies of what it has looked at', async () => {
    const { dependencies, deadLetters } = world(many(25))
    const released: object[] = []
    const release = async (letters: Parameters<typeof deadLetters.release>[0]) => void released.push(...letters)

    await searchDeadLetters({ ...dependencies, deadLetters: { ...deadLetters, release } }, ada, {}, async () => ({
      taken: [],
      enough: false,
    }))

    expect(released).toHaveLength(25)
    expect(released.filter((letter) => 'body' in letter)).toEqual([])
  })

  it('ends when its time is up, and shows what it has taken', async () => {
    const { dependencies, deadLetters } = world(many(10))
    const endless = {
      ...deadLetters,
      async receive(queue: string, signal: AbortSignal) {
        const batch = await deadLetters.receive(queue, signal)
        if (batch.length > 0) return batch
        await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
        return []
      },
    }

    const left = await searchDeadLetters(
      { ...dependencies, deadLetters: endless },
      ada,
      { queue: 'ingress' },
      async () => ({ taken: [], enough: false }),
      50,
    )

    expect(left).toBe(true)
    expect(deadLetters.hidden.size).toBe(0)
  })
})
