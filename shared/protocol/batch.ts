import * as z from 'zod'
import { createExecutionSchema, EXECUTION_STATUSES } from './execution.ts'
import { agentIdSchema, executionIdSchema, timestampSchema } from './identifiers.ts'
import { errorCodeSchema, fieldErrorSchema } from './problem.ts'

/** Most executions of a batch. */
export const MAX_BATCH_EXECUTIONS = 100

export const batchIdSchema = z.uuid()

/** Whether all may begin at once, or each when the one before has ended. */
export const BATCH_MODES = ['parallel', 'sequential'] as const

/** Body of `POST /v1/executions/batch`. */
export const createBatchSchema = z
  .strictObject({
    mode: z.enum(BATCH_MODES).default('parallel'),
    /** In order only: when one ends without success, those behind it are cancelled. */
    stopOnError: z.boolean().default(false),
    executions: z.array(createExecutionSchema).min(1).max(MAX_BATCH_EXECUTIONS),
  })
  .refine(({ mode, stopOnError }) => mode === 'sequential' || !stopOnError, {
    path: ['stopOnError'],
    error: 'needs the mode "sequential": in parallel there is nothing behind',
  })

const itemErrorSchema = z.object({ code: errorCodeSchema, detail: z.string(), errors: z.array(fieldErrorSchema).optional() })

const batchLinksSchema = z.object({ self: z.string(), cancel: z.string() })

/** 202 answer of `POST /v1/executions/batch`, 207 where some were refused: of each, in their order, its id or why it was refused. */
export const batchAcceptedSchema = z.object({
  batchId: batchIdSchema,
  executions: z.array(z.union([z.object({ executionId: executionIdSchema }), z.object({ error: itemErrorSchema })])),
  links: batchLinksSchema,
})

/** `refused` by the door; `unknown`: not stored yet, or not kept any more. */
export const BATCH_ITEM_STATUSES = [...EXECUTION_STATUSES, 'refused', 'unknown'] as const

/** A batch as it stands. */
export const batchSchema = z.object({
  batchId: batchIdSchema,
  mode: z.enum(BATCH_MODES),
  stopOnError: z.boolean(),
  /** Whether nothing of it will change any more. */
  ended: z.boolean(),
  createdAt: timestampSchema,
  /** How many are in each status; those in which none is are left out. */
  counts: z.partialRecord(z.enum(BATCH_ITEM_STATUSES), z.int().positive()),
  executions: z.array(
    z.object({
      executionId: executionIdSchema.optional(),
      agentId: agentIdSchema,
      status: z.enum(BATCH_ITEM_STATUSES),
      error: itemErrorSchema.optional(),
    }),
  ),
  links: batchLinksSchema,
})

export type CreateBatch = z.infer<typeof createBatchSchema>
/** The same, before what is absent has its value. */
export type BatchRequest = z.input<typeof createBatchSchema>
export type BatchMode = (typeof BATCH_MODES)[number]
export type BatchItemStatus = (typeof BATCH_ITEM_STATUSES)[number]
export type BatchAccepted = z.infer<typeof batchAcceptedSchema>
export type Batch = z.infer<typeof batchSchema>
export type BatchItemError = z.infer<typeof itemErrorSchema>
