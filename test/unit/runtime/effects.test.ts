import { describe, expect, it } from 'vitest'
import { sentMessageId, trackEffects } from '#shared/runtime/effects.ts'
import { never } from '../../helpers/llm.ts'

describe('trackEffects', () => {
  it('numbers effects in the order of the calls, however long each takes', async () => {
    const effects = trackEffects(0, never())
    const places: string[] = []
    const slow = Promise.withResolvers<void>()

    const first = effects.begin(async (place) => {
      await slow.promise
      places.push(place)
    })
    await effects.begin(async (place) => places.push(place))
    slow.resolve()
    await first

    expect(places).toEqual(['00000001', '00000000'])
    expect(effects.count).toBe(2)
  })

  it('goes on with the number of a checkpoint', async () => {
    expect(await trackEffects(7, never()).begin(async (place) => place)).toBe('00000007')
  })

  it('waits for what nobody waited for, and throws the first failure', async () => {
    const effects = trackEffects(0, never())
    const done: string[] = []
    void effects.begin(async () => done.push('one'))
    effects.begin(() => Promise.reject(new Error('the bus is away'))).catch(() => undefined)
    void effects.begin(async () => done.push('two'))

    await expect(effects.settle()).rejects.toThrow('the bus is away')

    expect(done).toEqual(['one', 'two'])
  })

  it('begins nothing once the execution was stopped', async () => {
    const stop = new AbortController()
    const effects = trackEffects(0, stop.signal)
    stop.abort(new Error('cancelled'))

    await expect(effects.begin(async () => 'sent')).rejects.toThrow('cancelled')

    expect(effects.count).toBe(0)
  })
})

it('gives a message the same id in every attempt, and another one in every execution', () => {
  expect(sentMessageId('e-1', '00000000')).toBe(sentMessageId('e-1', '00000000'))
  expect(sentMessageId('e-1', '00000000')).not.toBe(sentMessageId('e-1', '00000001'))
  expect(sentMessageId('e-1', '00000000')).not.toBe(sentMessageId('e-2', '00000000'))
})
