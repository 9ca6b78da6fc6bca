import { describe, expect, it } from 'vitest'
import { FUNCTION_NAMES, functionOutput, OUTPUT } from '#shared/platform/names.ts'
import type { Variant } from '../helpers/stage-variants.ts'
import { templatesOf } from '../helpers/templates.ts'

const ofTheFrontDoor: string[] = [OUTPUT.frontDoorUrl, OUTPUT.consoleBucket]
const everyKey = [...Object.values(OUTPUT), ...FUNCTION_NAMES.map(functionOutput)]

const outputKeys = (variant: Variant): string[] =>
  templatesOf(variant)
    .flatMap(({ template }) => Object.keys(template.Outputs ?? {}))
    // What CDK adds for references between stacks.
    .filter((key) => !/^(Publish|Exports)Output/.test(key))

describe('stack outputs', () => {
  it('are the documented keys, each in one stack', () => {
    expect(outputKeys('prod').toSorted()).toEqual(everyKey.toSorted())
  })

  it('are the same on the local cloud, but for the front door', () => {
    const expected = everyKey.filter((key) => !ofTheFrontDoor.includes(key))

    expect(outputKeys('local').toSorted()).toEqual(expected.toSorted())
  })
})
