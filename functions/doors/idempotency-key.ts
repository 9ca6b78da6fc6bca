import * as z from 'zod'

/** The header `Idempotency-Key`: visible characters, as a header has them; spaces around them are none of it. */
export const idempotencyKeySchema = z
  .string()
  .regex(/^[\x21-\x7e](?:[\x20-\x7e]{0,254}[\x21-\x7e])?$/, 'use 1 to 256 visible characters of ASCII')
