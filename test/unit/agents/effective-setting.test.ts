import fc from 'fast-check'
import { expect, it } from 'vitest'
import { effectiveSetting, type Layers } from '#shared/agents/effective-setting.ts'

const secret = { name: 'sluice-dev-openai-secret', exists: true }
const all: Layers = { explicit: 'kafka-1', environment: 'kafka-2', secret, default: 'localhost' }

it.each<[Layers, unknown]>([
  [all, { source: 'explicit', value: 'kafka-1' }],
  [
    { ...all, explicit: undefined },
    { source: 'environment', value: 'kafka-2' },
  ],
  [
    { secret, default: 'localhost' },
    { source: 'secret', secret },
  ],
  [{ default: 'localhost' }, { source: 'default', value: 'localhost' }],
  [
    { explicit: false, default: true },
    { source: 'explicit', value: false },
  ],
  [
    { environment: 0, default: 1 },
    { source: 'environment', value: 0 },
  ],
])('of %j is %j', (layers, setting) => {
  expect(effectiveSetting('host', layers)).toEqual({ name: 'host', ...(setting as object) })
})

it('is none where nobody says anything', () => {
  expect(effectiveSetting('host', {})).toBeUndefined()
})

it('never shows a value of a secret, and the stronger source always wins', () => {
  const sources = ['explicit', 'environment', 'secret', 'default'] as const
  fc.assert(
    fc.property(fc.subarray([...sources], { minLength: 1 }), (said) => {
      const layers = Object.fromEntries(said.map((source) => [source, source === 'secret' ? secret : source]))
      const setting = effectiveSetting('host', layers)
      expect(setting?.source).toBe(said[0])
      expect(setting?.value).toBe(said[0] === 'secret' ? undefined : said[0])
    }),
  )
})
