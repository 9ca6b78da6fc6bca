import type { BudgetState } from '#shared/protocol/budget.ts'
import type { HttpCaller } from '../../web/client/http.ts'
import { type Action, perform } from '../action.ts'
import { defineCommand, expectNoMore, unknownVerb } from '../command.ts'
import { UsageError } from '../errors.ts'
import { dollars } from '../figure-tables.ts'
import { formatTable } from '../table.ts'

type Flags = {
  limit?: string | undefined
  period?: string | undefined
  agent?: string | undefined
  source?: string | undefined
  'warn-at'?: string | undefined
  'warn-only'?: boolean | undefined
}

const PATH = '/v1/budgets'

export const budgets = defineCommand({
  name: 'budgets',
  summary: 'Shows what models may cost and what they have cost; sets and removes budgets.',
  usage: ['[list]', 'set <budget> --limit <dollars>', 'remove <budget>'],
  description: 'Days and months are those of UTC. What was spent in a period stays when a budget is changed.',
  options: {
    limit: { type: 'string', placeholder: 'dollars', help: 'with set: what may be spent in a period' },
    period: { type: 'string', placeholder: 'day|month', help: 'with set: when it begins anew (month)' },
    agent: { type: 'string', placeholder: 'agent', help: 'with set: only calls of this agent' },
    source: { type: 'string', placeholder: 'caller', help: 'with set: only what this caller asks for: /principals/ada' },
    'warn-at': { type: 'string', placeholder: 'percent', help: 'with set: share at which the stream has a warning (80)' },
    'warn-only': { type: 'boolean', help: 'with set: calls are made beyond the limit, too' },
  },
  examples: [
    'npx sluice budgets',
    'npx sluice budgets set monthly --limit 50',
    'npx sluice budgets set assistant --limit 2.50 --period day --agent assistant --warn-at 75',
    'npx sluice budgets remove monthly',
  ],
  async run(values, [verb, ...rest], context) {
    const act = actionOf(verb, rest, values)
    return perform(act, await context.http(values), values, context)
  },
})

function actionOf(verb: string | undefined, [budgetId, ...more]: string[], values: Flags): Action<HttpCaller> {
  expectNoMore(more, 'budgets')
  const { limit, period, agent, source, 'warn-at': warnAt, 'warn-only': warnOnly } = values
  if (verb !== 'set' && [limit, period, agent, source, warnAt, warnOnly].some((flag) => flag !== undefined))
    throw new UsageError('--limit, --period, --agent, --source, --warn-at and --warn-only belong to "set"', 'leave them out')
  if (verb === undefined || verb === 'list') {
    expectNoMore(budgetId === undefined ? [] : [budgetId], 'budgets')
    return list
  }
  if (verb !== 'set' && verb !== 'remove') throw unknownVerb('budgets', verb)
  if (budgetId === undefined) throw new UsageError('which one?', `npx sluice budgets ${verb} monthly`)
  const path = `${PATH}/${encodeURIComponent(budgetId)}`
  return verb === 'set' ? set(path, values) : remove(path, budgetId)
}

const list: Action<HttpCaller> = async (http, { signal }) => {
  const answer = await http<{ budgets: BudgetState[] }>(PATH, { signal })
  const { budgets: all } = answer
  return { text: all.length > 0 ? tableOf(all) : 'there are no budgets', json: answer }
}

function set(path: string, { limit, period = 'month', agent, source, ...values }: Flags): Action<HttpCaller> {
  if (limit === undefined) throw new UsageError('how much is it?', 'say it in dollars: --limit 50')
  const body = {
    period,
    limitUsd: numberOf(limit, '--limit'),
    scope: { ...(agent !== undefined && { agentId: agent }), ...(source !== undefined && { source }) },
    ...(values['warn-at'] !== undefined && { warnAtPercent: numberOf(values['warn-at'], '--warn-at') }),
    action: values['warn-only'] ? 'warn' : 'stop',
  }
  return async (http, { signal, stderr }) => {
    const budget = await http<BudgetState>(path, { method: 'PUT', body, signal })
    if (agent !== undefined && (await isUnknown(agent, http, signal)))
      stderr.line(stderr.style('yellow', `warning: there is no agent "${agent}" yet; npx sluice agents lists them`))
    return { text: tableOf([budget]), json: budget }
  }
}

/** A budget may well be there before its agent, but more often the name is wrong. What cannot be looked up is not unknown. */
async function isUnknown(agentId: string, http: HttpCaller, signal: AbortSignal): Promise<boolean> {
  const { SluiceClientError } = await import('../../web/client/errors.ts')
  try {
    await http(`/v1/agents/${encodeURIComponent(agentId)}`, { signal })
    return false
  } catch (error) {
    return error instanceof SluiceClientError && error.code === 'not_found'
  }
}

const remove =
  (path: string, budgetId: string): Action<HttpCaller> =>
  async (http, { signal }) => {
    await http(path, { method: 'DELETE', signal })
    return { text: `${budgetId} removed`, json: { budgetId, removed: true } }
  }

/** @throws UsageError for what is no number above zero */
function numberOf(text: string, flag: string): number {
  const number = Number(text)
  if (text.trim() === '' || !Number.isFinite(number) || number <= 0)
    throw new UsageError(`${flag} "${text}" is no number above zero`, 'for instance 2.50')
  return number
}

function tableOf(all: readonly BudgetState[]): string {
  const rows = all.map(({ budgetId, scope, period, action, limitMicroUsd, spentMicroUsd, leftMicroUsd, percent, renewsAt }) => [
    budgetId,
    scope.agentId ?? scope.source ?? 'all',
    `${dollars(limitMicroUsd)} a ${period}`,
    dollars(spentMicroUsd),
    dollars(leftMicroUsd),
    `${percent} %`,
    action,
    renewsAt,
  ])
  return formatTable([['BUDGET', 'FOR', 'LIMIT', 'SPENT', 'LEFT', 'USED', 'AT LIMIT', 'RENEWED'], ...rows])
}
