import { asyncApi } from './asyncapi.ts'
import { PUBLISHED, type PublishedName } from './catalogue.ts'
import { publishedSchema } from './json-schema.ts'

/** Files of `docs/protocol` as they should be, by name. */
export function protocolDocuments(): Map<string, string> {
  const names = Object.keys(PUBLISHED) as PublishedName[]
  return new Map([
    ...names.map((name): [string, string] => [`${name}.schema.json`, json(publishedSchema(name))]),
    ['asyncapi.json', json(asyncApi())],
  ])
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`
