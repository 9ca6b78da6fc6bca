import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { LIFECYCLE_EVENT_TYPES } from '#shared/protocol/lifecycle-event.ts'
import { LIFECYCLE_EVENT_DATA, lifecycleEventSchemaOf } from '#shared/protocol/lifecycle-event-data.ts'

const DOCS = join(import.meta.dirname, '../../../docs')
const page = readFileSync(join(DOCS, 'events.md'), 'utf8')

describe('the JSON Schemas in docs/events', () => {
  it.each(LIFECYCLE_EVENT_TYPES)('tell what %s is, and let fields be added', async (type) => {
    const schema = { title: type, ...z.toJSONSchema(lifecycleEventSchemaOf(type), { io: 'input' }) }

    await expect(`${JSON.stringify(schema, null, 2)}\n`).toMatchFileSnapshot(join(DOCS, 'events', `${type}.schema.json`))
    expect(JSON.stringify(schema)).not.toContain('"additionalProperties":false')
  })
})

describe('docs/events.md', () => {
  const rows = [...page.matchAll(/^\| `([a-z_.]+)` \| .+ \| `(\{.+\})` \|$/gm)].map(([, type = '', data = '']) => ({
    type,
    data,
  }))

  it('has every type once', () => {
    expect(rows.map(({ type }) => type).toSorted()).toEqual(LIFECYCLE_EVENT_TYPES.toSorted())
  })

  it.each(rows)('shows a valid $type', ({ type, data }) => {
    const schema = LIFECYCLE_EVENT_DATA[type as keyof typeof LIFECYCLE_EVENT_DATA].strict()

    expect(schema.parse(JSON.parse(data))).toEqual(JSON.parse(data))
  })

  it('begins with a valid fact', () => {
    const [, example = ''] = /```json\n(\{\n {2}"specversion"[^`]+)```/.exec(page) ?? []

    expect(lifecycleEventSchemaOf('execution.completed').parse(JSON.parse(example))).toMatchObject({
      type: 'execution.completed',
    })
  })
})
