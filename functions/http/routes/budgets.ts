import * as z from 'zod'
import { budgetState } from '#shared/models/budget-state.ts'
import { putBudget } from '#shared/models/put-budget.ts'
import { NotFoundError } from '#shared/platform/errors.ts'
import { budgetListSchema, budgetParamsSchema, budgetStateSchema, putBudgetSchema } from '#shared/protocol/budget.ts'
import { type Route, route } from '../route.ts'

export const BUDGET_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/budgets',
    operation: 'listBudgets',
    summary: 'What models may cost, and what they have cost',
    tag: 'Models',
    scope: 'models:read',
    status: 200,
    response: budgetListSchema,
    async handle({ principal: { tenant } }, dependencies) {
      const budgets = await dependencies.budgetDefinitions.list(tenant)
      return { body: { budgets: await Promise.all(budgets.map((budget) => budgetState(dependencies, tenant, budget))) } }
    },
  }),

  route({
    method: 'PUT',
    path: '/v1/budgets/{budgetId}',
    operation: 'putBudget',
    summary: 'Sets a budget, or changes it',
    description:
      'For one agent, for what one caller asks for, or for the tenant. What was spent in this period stays. Counts from the next minute on; a call of a model whose ' +
      'price is not known is not counted, and says so.',
    tag: 'Models',
    errors: ['conflict'],
    scope: 'models:write',
    params: budgetParamsSchema,
    body: putBudgetSchema,
    status: 200,
    response: budgetStateSchema,
    async handle({ principal: { tenant }, params: { budgetId }, body }, dependencies) {
      const budget = await putBudget(dependencies, tenant, { budgetId, ...body })
      return { body: await budgetState(dependencies, tenant, budget) }
    },
  }),

  route({
    method: 'DELETE',
    path: '/v1/budgets/{budgetId}',
    operation: 'deleteBudget',
    summary: 'Removes a budget',
    description: 'From the next minute on nothing is held back by it.',
    tag: 'Models',
    errors: ['not_found'],
    scope: 'models:write',
    params: budgetParamsSchema,
    status: 204,
    response: z.undefined(),
    async handle({ principal: { tenant }, params: { budgetId } }, { budgetDefinitions }) {
      const result = await budgetDefinitions.remove(tenant, budgetId)
      if (result === 'missing') throw new NotFoundError('budget', budgetId)
      return {}
    },
  }),
]
