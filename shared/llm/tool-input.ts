import * as z from 'zod'
import { jsonOrUndefined } from '#shared/platform/json-or-undefined.ts'

const objectSchema = z.record(z.string(), z.json())

export type ToolInput = z.infer<typeof objectSchema>

/** The arguments of a call, for vendors that take an object. Text that is no JSON object becomes `{}`: the call's result tells the model what was wrong. */
export const toolInput = (json: string): ToolInput => objectSchema.safeParse(jsonOrUndefined(json)).data ?? {}

/** The same object with the type JSON, which some SDKs demand. */
export const jsonObject = (value: Record<string, unknown>): ToolInput => objectSchema.parse(value)
