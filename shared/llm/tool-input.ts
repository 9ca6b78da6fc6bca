import * as z from 'zod'
import { jsonOrUndefined } from '#shared/platform/json-or-undefined.ts'

const objectSchema = z.record(z.string(), z.json())

export type ToolInput = z.infer<typeof objectSchema>

/** Arguments of a call for vendors that take an object; what a model wrote that is none becomes an empty one: its result says what was wrong. */
export const toolInput = (json: string): ToolInput => objectSchema.safeParse(jsonOrUndefined(json)).data ?? {}

/** A JSON Schema for SDKs whose types tell JSON from other objects. */
export const jsonObject = (value: Record<string, unknown>): ToolInput => objectSchema.parse(value)
