import * as z from 'zod'
import { agentIdSchema, timestampSchema } from './identifiers.ts'

export const BUDGET_PERIODS = ['day', 'month'] as const

/** Most budgets of one tenant: all of them are read with one query. */
export const MAX_BUDGETS = 50

/** Far beyond any bill, and far below what numbers keep exactly. */
const MAX_LIMIT_USD = 1_000_000_000
const USD = 1_000_000

export const budgetIdSchema = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'use lower-case letters, digits and "-"')
export const budgetParamsSchema = z.object({ budgetId: budgetIdSchema })

/** Whose calls count: those of one agent, those that one caller asked for, or, when neither is said, all of the tenant. */
const scopeSchema = z
  .strictObject({ agentId: agentIdSchema.optional(), source: z.string().min(1).max(512).optional() })
  .refine(({ agentId, source }) => agentId === undefined || source === undefined, 'name an agent or a source, not both')

const common = {
  scope: scopeSchema.default({}),
  /** In UTC. */
  period: z.enum(BUDGET_PERIODS),
  /** Share at which a warning is told, once in a period. */
  warnAtPercent: z.number().min(1).max(100).default(80),
  /** `stop`: a call that would pass the limit is not made. `warn`: it is made, and told. */
  action: z.enum(['stop', 'warn']).default('stop'),
}

/** Body of `PUT /v1/budgets/{budgetId}`. The limit in dollars, or in millionths of one. */
export const putBudgetSchema = z
  .strictObject({
    ...common,
    limitUsd: z.number().positive().max(MAX_LIMIT_USD).optional(),
    limitMicroUsd: z
      .int()
      .positive()
      .max(MAX_LIMIT_USD * USD)
      .optional(),
  })
  .refine(({ limitUsd, limitMicroUsd }) => (limitUsd === undefined) !== (limitMicroUsd === undefined), {
    path: ['limitUsd'],
    message: 'say limitUsd or limitMicroUsd',
  })
  .transform(({ limitUsd, limitMicroUsd, ...budget }) => ({
    ...budget,
    limitMicroUsd: limitMicroUsd ?? Math.max(1, Math.round((limitUsd ?? 0) * USD)),
  }))

export const budgetSchema = z.object({ budgetId: budgetIdSchema, ...common, limitMicroUsd: z.int().positive() })

/** A budget, and how it stands. */
export const budgetStateSchema = z.object({
  ...budgetSchema.shape,
  spentMicroUsd: z.int().nonnegative(),
  /** Set aside for calls that are being made. */
  reservedMicroUsd: z.int().nonnegative(),
  leftMicroUsd: z.int().nonnegative(),
  /** Spent, of the limit; above 100 where calls cost more than was expected. */
  percent: z.number().nonnegative(),
  /** When it is whole again. */
  renewsAt: timestampSchema,
})

export const budgetListSchema = z.object({ budgets: z.array(budgetStateSchema) })

export type Budget = z.infer<typeof budgetSchema>
export type BudgetPeriod = Budget['period']
export type BudgetState = z.infer<typeof budgetStateSchema>
