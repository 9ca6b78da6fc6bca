import { expect, it } from 'vitest'
import { strangers } from '#shared/audit/strangers.ts'

it('admits a few a minute from each address, and tells the next one how many were left out', () => {
  let now = 0
  const { admit } = strangers({ now: () => now })

  const first = Array.from({ length: 8 }, () => admit('198.51.100.1'))
  const other = admit('198.51.100.2')
  now = 60_000

  expect(first).toEqual([0, 0, 0, 0, 0, undefined, undefined, undefined])
  expect(other).toBe(3)
  expect(admit('198.51.100.1')).toBe(0)
})

it('admits sixty a minute from all addresses together', () => {
  const { admit } = strangers({ now: () => 0 })

  const admitted = Array.from({ length: 10_000 }, (_, index) => admit(`address-${index}`)).filter((each) => each !== undefined)

  expect(admitted).toHaveLength(60)
})
