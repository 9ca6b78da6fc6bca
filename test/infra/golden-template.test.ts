import { describe, expect, it } from 'vitest'
import { templatesOf } from '../helpers/templates.ts'

/** Hashes of assets change with every dependency and say nothing about the infrastructure. */
const withoutHashes = (template: unknown): string =>
  `${JSON.stringify(template, null, 2).replaceAll(/[0-9a-f]{64}/g, '<hash>')}\n`

/** A change of a template shows in review; accept it with `npm run test:infra -- -u`. */
describe.each(['local', 'prod'] as const)('%s', (variant) => {
  it.each(templatesOf(variant))('$part is what was reviewed', async ({ part, template }) => {
    await expect(withoutHashes(template)).toMatchFileSnapshot(`__snapshots__/${variant}/${part}.json`)
  })
})
