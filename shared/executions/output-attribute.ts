import { deflateRawSync, inflateRawSync } from 'node:zlib'
import * as z from 'zod'
import type { Output } from './execution-record.ts'

/** Outputs from this size on are kept compressed, in bytes of JSON: a table is billed by the KB, and an ending twice. */
const COMPRESSED_FROM = 1_024

const plainSchema = z.object({ text: z.string(), data: z.string().optional() })
/** Bytes as a table gives them, and as the event of a change stream does: in base64. */
const bytesSchema = z.union([z.instanceof(Uint8Array), z.base64().transform((text) => Buffer.from(text, 'base64'))])

/** An output as an attribute of an item: `text` and `data`, or both in `deflated`. */
export const outputAttributeSchema = z.union([z.object({ deflated: bytesSchema }).transform(inflated), plainSchema])

/** JSON as text: an attribute map takes neither all of JSON's numbers nor empty names, and weighs more. */
export function toOutputAttribute({ text, data }: Output): Record<string, string | Uint8Array> {
  const plain = { text, ...(data !== undefined && { data: JSON.stringify(data) }) }
  const json = JSON.stringify(plain)
  return Buffer.byteLength(json) < COMPRESSED_FROM ? plain : { deflated: deflateRawSync(json) }
}

export const fromOutputAttribute = ({ text, data }: z.infer<typeof outputAttributeSchema>): Output => ({
  text,
  ...(data !== undefined && { data: JSON.parse(data) }),
})

function inflated({ deflated }: { deflated: Uint8Array }): z.infer<typeof plainSchema> {
  return plainSchema.parse(JSON.parse(inflateRawSync(deflated).toString()))
}
