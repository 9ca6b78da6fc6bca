import * as z from 'zod'
import { ERROR_STATUS, type ErrorCode } from './error-codes.ts'

const codes = Object.keys(ERROR_STATUS) as [ErrorCode, ...ErrorCode[]]

export const errorCodeSchema = z.enum(codes)

/** One rejected field: a JSON path (`input.content`) and what is wrong with it. */
export const fieldErrorSchema = z.object({ path: z.string(), message: z.string() })

/** Error body of every HTTP answer (RFC 9457, `application/problem+json`). */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  instance: z.string().optional(),
  code: errorCodeSchema,
  requestId: z.string().optional(),
  errors: z.array(fieldErrorSchema).optional(),
})

export type FieldError = z.infer<typeof fieldErrorSchema>
export type Problem = z.infer<typeof problemSchema>
