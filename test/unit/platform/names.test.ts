import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OUTPUT, platformName, serviceSecretName, tokenSecretName } from '#shared/platform/names.ts'

describe('names', () => {
  it('keep the key of the tokens apart from the secrets of providers, whatever a service is called', () => {
    const service = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$/)
    const platform = platformName('prod')
    fc.assert(
      fc.property(service, (name) => {
        expect(serviceSecretName(platform, name)).not.toBe(tokenSecretName(platform))
      }),
      { examples: [['token'], ['token-key'], ['key']] },
    )
  })

  it('use no output key twice, so that the outputs of all stacks can be merged', () => {
    const keys = Object.values(OUTPUT)

    expect(new Set(keys).size).toBe(keys.length)
  })
})
