import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type MemoryDay, memoryAuditLog } from '#shared/audit/memory-audit-log.ts'
import { hashOf } from '#shared/audit/seal.ts'
import { sealRecords } from '#shared/audit/seal-records.ts'
import { verifyChain } from '#shared/audit/verify-chain.ts'
import { auditSealSchema } from '#shared/protocol/audit.ts'
import { aRecord, DAY, NOON, stored } from '../../helpers/audit.ts'

const BEFORE = '2026-11-20'

/** Six records in three seals, behind a day with one; five minutes ago. */
async function sealedDay() {
  const store = memoryAuditLog()
  let now = NOON
  const dependencies = { auditReader: store, seals: store, clock: { now: () => now } }
  const seal = async (day: string, ...seconds: number[]) => {
    const records = seconds.map((second) => stored(aRecord({ time: `${day}T12:00:${String(second).padStart(2, '0')}.000Z` })))
    store.day('acme', day).records.push(...records)
    await sealRecords(dependencies, { tenant: 'acme', day }, records)
  }
  now = Date.parse(`${BEFORE}T12:00:30Z`)
  await seal(BEFORE, 0, 1)
  now = NOON + 50_000
  await seal(DAY, 1, 2)
  now = NOON + 100_000
  await seal(DAY, 3, 4)
  now = NOON + 150_000
  await seal(DAY, 5, 6)
  now = NOON + 450_000
  return {
    store,
    at: store.day('acme', DAY),
    later: (milliseconds: number) => {
      now += milliseconds
    },
    verify: (day = DAY) => verifyChain(dependencies, { tenant: 'acme', day }),
  }
}

/** Exchanges two elements. */
function swap<Item>(items: Item[], one: number, other: number): void {
  const [first, second] = [items[one], items[other]]
  if (first === undefined || second === undefined) throw new Error('nothing to exchange')
  items[one] = second
  items[other] = first
}

describe('verification', () => {
  it('finds nothing where nothing was done', async () => {
    const { verify, at } = await sealedDay()

    const last = auditSealSchema.parse(at.seals.at(-1))
    expect(await verify()).toEqual({
      day: DAY,
      intact: true,
      records: 6,
      seals: 3,
      fresh: 0,
      last: { day: DAY, n: 2, hash: last.hash },
      findings: [],
      found: 0,
    })
    expect(await verify('2026-11-19')).toMatchObject({ intact: true, records: 0, seals: 0 })
  })

  it('waits a minute for the next seal', async () => {
    const { verify, store, later } = await sealedDay()
    await store.append('acme', aRecord({}, 440))

    expect(await verify()).toMatchObject({ intact: true, fresh: 1 })
    later(60_000)
    expect(await verify()).toMatchObject({ intact: false, findings: [{ kind: 'unsealed' }] })
  })

  it('says of a record behind which others are sealed that it was added', async () => {
    const { verify, store } = await sealedDay()
    await store.append('acme', aRecord({}, 7))

    expect((await verify()).findings).toEqual([expect.objectContaining({ kind: 'added' })])
  })

  it('says of a record that got its seal long after its time that it is late', async () => {
    const { verify, store, at } = await sealedDay()
    const forged = stored(aRecord({ time: `${DAY}T03:00:00.000Z` }))
    at.records.push(forged)
    await sealRecords({ seals: store, clock: { now: () => NOON + 200_000 } }, { tenant: 'acme', day: DAY }, [forged])

    expect((await verify()).findings).toEqual([{ kind: 'late', place: forged.place, detail: expect.any(String) }])
  })

  it.each<[string, (at: MemoryDay) => void, string]>([
    ['a changed record', ({ records }) => Object.assign(records, { 2: tampered(records[2]) }), 'changed'],
    ['a removed record', ({ records }) => records.splice(3, 1), 'missing'],
    ['exchanged records', ({ records }) => exchange(records, 1, 4), 'changed'],
    ['a removed seal', ({ seals }) => seals.splice(1, 1), 'broken'],
    ['a removed first seal', ({ seals }) => seals.splice(0, 1), 'broken'],
    ['exchanged seals', ({ seals }) => swap(seals, 0, 1), 'broken'],
    ['a seal twice', ({ seals }) => seals.splice(1, 0, { ...seals[1] }), 'broken'],
    ['something else for a seal', ({ seals }) => Object.assign(seals, { 1: { n: 1 } }), 'broken'],
    ['a seal of somebody else', ({ seals }) => Object.assign(seals, { 1: resealed({ ...seals[1], tenant: 'other' }) }), 'broken'],
    [
      'a seal that was made anew',
      ({ seals }) => Object.assign(seals, { 1: resealed({ ...seals[1], sealedAt: `${DAY}T12:01:41.000Z` }) }),
      'broken',
    ],
    ['a chain that begins anew', ({ seals }) => Object.assign(seals, { 0: resealed({ ...seals[0], previous: null }) }), 'broken'],
  ])('finds %s', async (_name, tamper, kind) => {
    const { verify, at } = await sealedDay()

    tamper(at)

    const { intact, findings } = await verify()
    expect(intact).toBe(false)
    expect(findings.map((finding) => finding.kind)).toContain(kind)
  })

  it('finds that the day before lost the seal that the day stands on', async () => {
    const { verify, store } = await sealedDay()
    const before = store.day('acme', BEFORE)
    Object.assign(before.seals, { 0: resealed({ ...before.seals[0], sealedAt: `${BEFORE}T12:00:31.000Z` }) })

    expect((await verify()).findings).toEqual([expect.objectContaining({ kind: 'broken' })])
    expect(await verify(BEFORE)).toMatchObject({ intact: true })
  })

  it('has more findings than it shows', async () => {
    const { verify, store } = await sealedDay()
    for (let second = 200; second < 350; second += 1) await store.append('acme', aRecord({}, second))

    const { findings, found } = await verify()

    expect(findings).toHaveLength(100)
    expect(found).toBe(150)
  })

  it('finds any single change, removal, insertion and exchange', async () => {
    const edit = fc.record({
      what: fc.constantFrom('records' as const, 'seals' as const),
      how: fc.constantFrom('change' as const, 'remove' as const, 'insert' as const, 'exchange' as const),
      index: fc.nat(100),
      field: fc.nat(100),
      value: fc.jsonValue(),
    })
    await fc.assert(
      fc.asyncProperty(edit, async ({ what, how, index, field, value }) => {
        const { verify, at } = await sealedDay()
        const items: { content: Record<string, unknown> }[] =
          what === 'records' ? at.records : at.seals.map((content) => ({ content }))
        const here = index % items.length
        const target = items[here]?.content ?? {}
        const changed = changeOne(target, field, value)
        fc.pre(how !== 'change' || hashOf(changed) !== hashOf(target) || changed.hash !== target.hash)

        if (what === 'records') editRecords(at, how, here, changed)
        else editSeals(at, how, here, changed)

        expect((await verify()).intact).toBe(false)
      }),
      { numRuns: 300, examples: [[{ what: 'seals', how: 'change', index: 0, field: 2, value: { toString: 0 } }]] },
    )
  })
})

type Edit = 'change' | 'remove' | 'insert' | 'exchange'

function editRecords({ records }: MemoryDay, how: Edit, here: number, changed: Record<string, unknown>): void {
  const place = records[here]?.place ?? ''
  if (how === 'change') records[here] = { place, content: changed }
  if (how === 'remove') records.splice(here, 1)
  if (how === 'insert') records.push(stored(aRecord({}, here)))
  if (how === 'exchange') exchange(records, here, (here + 1) % records.length)
}

function editSeals({ seals }: MemoryDay, how: Edit, here: number, changed: Record<string, unknown>): void {
  if (how === 'change') seals[here] = changed
  if (how === 'remove') seals.splice(here, 1)
  if (how === 'insert') seals.splice(here, 0, { ...seals[here] })
  if (how === 'exchange') swap(seals, here, (here + 1) % seals.length)
}

/** The same with another value in one of its fields. */
function changeOne(content: Record<string, unknown>, field: number, value: unknown): Record<string, unknown> {
  const names = [...Object.keys(content), 'more']
  return { ...content, [names[field % names.length] ?? 'more']: value }
}

const tampered = (record: MemoryDay['records'][number] | undefined) => ({
  place: record?.place,
  content: { ...record?.content, subject: 'eve' },
})

/** What an attacker makes of a seal who knows the formula. */
const resealed = (seal: Record<string, unknown>) => ({ ...seal, hash: hashOf(seal) })

/** Exchanges the contents of two records: each has the other's place. */
function exchange(records: MemoryDay['records'], one: number, other: number): void {
  const [first, second] = [records[one], records[other]]
  if (!first || !second) throw new Error('nothing to exchange')
  records[one] = { place: first.place, content: second.content }
  records[other] = { place: second.place, content: first.content }
}
