import { describe, expect, it } from 'vitest'
import { step } from '../../../localstack/step.ts'

describe('step', () => {
  it('hands the results of what it needs to its work', async () => {
    const two = step('two', [], () => 2)
    const three = step('three', [], () => Promise.resolve(3))
    const product = step('product', [two, three], (a, b) => a * b)

    expect(await product.run()).toBe(6)
  })

  it('works once, however often it is needed', async () => {
    let runs = 0
    const base = step('base', [], () => ++runs)
    const left = step('left', [base], (n) => n)
    const right = step('right', [base], (n) => n)

    expect(await Promise.all([left.run(), right.run(), base.run()])).toEqual([1, 1, 1])
    expect(runs).toBe(1)
  })

  it('runs independent steps at the same time', async () => {
    const started = Promise.withResolvers<void>()
    const waiting = step('waiting', [], () => started.promise)
    const starting = step('starting', [], () => started.resolve())
    const end = step('end', [waiting, starting], () => 'both')

    expect(await end.run()).toBe('both')
  })

  it('takes the steps that need it along when it fails, and leaves the others alone', async () => {
    let ran = false
    const broken = step('broken', [], () => Promise.reject(new Error('no disk')))
    const after = step('after', [broken], () => {
      ran = true
    })
    const other = step('other', [], () => 'fine')

    await expect(after.run()).rejects.toThrow('no disk')
    await expect(other.run()).resolves.toBe('fine')
    expect(ran).toBe(false)
  })

  it('is settled when nothing of it is under way, also before it began and after it failed', async () => {
    const idle = step('idle', [], () => 'never asked for')
    const broken = step('broken', [], () => Promise.reject(new Error('no disk')))
    broken.run().catch(() => undefined)

    await expect(Promise.all([idle.settled(), broken.settled()])).resolves.toHaveLength(2)
  })
})
