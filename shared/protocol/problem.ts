import * as z from 'zod'
import { ERROR_STATUS, type ErrorCode } from './error-codes.ts'

const codes = Object.keys(ERROR_STATUS) as [ErrorCode, ...ErrorCode[]]

export const errorCodeSchema = z.enum(codes)

/** One rejected field: a JSON path (`input.content`) and what is wrong with it. */
export const fieldErrorSchema = z.object({ path: z.string(), message: z.string() })

/** What a provider outside said of a call that failed, in numbers and names: what its owner finds the call by. Its text is never told. */
export const providerFailureSchema = z.object({
  /** Who was called: `openai`. */
  name: z.string(),
  /** Of its answer over HTTP; absent when there was none, and inside a stream. */
  status: z.int().optional(),
  /** Its own name of the error: `insufficient_quota`, `RESOURCE_EXHAUSTED`, `ThrottlingException`. */
  code: z.string().optional(),
  /** Its id of the request. */
  requestId: z.string().optional(),
})

/** Why something that was accepted came to nothing. */
export const failureSchema = z.object({ code: errorCodeSchema, detail: z.string(), provider: providerFailureSchema.optional() })

/** Error body of every HTTP answer (RFC 9457, `application/problem+json`). */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  /** Path of the request; `…` in place of what could be a credential. */
  instance: z.string().optional(),
  code: errorCodeSchema,
  requestId: z.string().optional(),
  provider: providerFailureSchema.optional(),
  errors: z.array(fieldErrorSchema).optional(),
})

export type FieldError = z.infer<typeof fieldErrorSchema>
export type ProviderFailure = z.infer<typeof providerFailureSchema>
export type Failure = z.infer<typeof failureSchema>
export type Problem = z.infer<typeof problemSchema>
