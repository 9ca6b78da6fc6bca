import { expect, it, vi } from 'vitest'
import { lazy } from '#shared/platform/lazy.ts'

it('loads with the first call, and once for all that come meanwhile', async () => {
  const load = vi.fn(async () => ({}))
  const thing = lazy(load)

  expect(load).not.toHaveBeenCalled()
  const [first, second] = await Promise.all([thing(), thing()])

  expect(load).toHaveBeenCalledOnce()
  expect(second).toBe(first)
})
