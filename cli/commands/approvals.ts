import type { Approval, ApprovalList, DecideApproval } from '#shared/protocol/approval.ts'
import { visibleJson } from '#shared/protocol/visible-json.ts'
import type { HttpCaller } from '../../web/client/http.ts'
import { type Action, perform } from '../action.ts'
import { defineCommand, expectNoMore, unknownVerb } from '../command.ts'
import { UsageError } from '../errors.ts'
import { allPages } from '../pages.ts'
import { formatTable } from '../table.ts'

type Flags = {
  status?: string | undefined
  agent?: string | undefined
  execution?: string | undefined
  reason?: string | undefined
}

const PATH = '/v1/approvals'
const PAGE = '100'
/** Arguments are shown in one line; all of them with --json. */
const MAX_ARGUMENTS_LENGTH = 60

export const approvals = defineCommand({
  name: 'approvals',
  summary: 'Lists calls of tools that wait for a person, approves one, or denies one.',
  usage: ['[list]', '(approve | deny) <id>'],
  description: 'The first decision counts. The execution goes on once every call that it asked about is decided.',
  options: {
    status: { type: 'string', placeholder: 'status', help: 'with list: approved, denied, expired or cancelled (pending)' },
    agent: { type: 'string', placeholder: 'id', help: 'with list: those of an agent' },
    execution: { type: 'string', placeholder: 'id', help: 'with list: those of an execution' },
    reason: { type: 'string', placeholder: 'text', help: 'with approve and deny: told to the model when it is denied' },
  },
  examples: [
    'npx sluice approvals',
    'npx sluice approvals --agent support --status denied --json',
    'npx sluice approvals approve 5f0c1a52-…',
    "npx sluice approvals deny 5f0c1a52-… --reason 'ask for the order number first'",
  ],
  async run(values, [verb = 'list', ...rest], context) {
    const act = actionOf(verb, rest, values)
    return perform(act, await context.http(values), values, context)
  },
})

function actionOf(verb: string, [approvalId, ...more]: string[], values: Flags): Action<HttpCaller> {
  expectNoMore(more, 'approvals')
  switch (verb) {
    case 'list':
      expectNoMore(approvalId === undefined ? [] : [approvalId], 'approvals list')
      if (values.reason !== undefined) throw new UsageError('--reason belongs to "approve" and "deny"', 'leave it out')
      return list(values)
    case 'approve':
    case 'deny':
      if ((values.status ?? values.agent ?? values.execution) !== undefined)
        throw new UsageError('--status, --agent and --execution belong to "list"', 'leave them out')
      if (approvalId === undefined) throw new UsageError('which one?', 'npx sluice approvals lists the ids')
      return decide(approvalId, { decision: verb, reason: values.reason })
    default:
      throw unknownVerb('approvals', verb)
  }
}

const list =
  ({ status = 'pending', agent, execution }: Flags): Action<HttpCaller> =>
  async (http, { signal, stderr }) => {
    const filter = {
      ...{ status, limit: PAGE },
      ...(agent !== undefined && { agentId: agent }),
      ...(execution !== undefined && { executionId: execution }),
    }
    const pages = await allPages((cursor) =>
      http<ApprovalList>(`${PATH}?${new URLSearchParams({ ...filter, ...cursor })}`, { signal }),
    )
    const found = pages.flatMap((page) => page.approvals)
    if (found.length === 0) stderr.line('there are no such approvals')
    return { text: found.length === 0 ? '' : approvalTable(found), json: { approvals: found } }
  }

const decide =
  (approvalId: string, decision: DecideApproval): Action<HttpCaller> =>
  async (http, { signal }) => {
    const path = `${PATH}/${encodeURIComponent(approvalId)}`
    const approval = await http<Approval>(path, { method: 'POST', body: decision, signal })
    return { text: `${approval.toolName} of ${approval.executionId} is ${approval.status}`, json: approval }
  }

function approvalTable(found: readonly Approval[]): string {
  const rows = found.map(({ approvalId, agentId, toolName, status, expiresAt, ...approval }) => [
    ...[approvalId, agentId, toolName, status, expiresAt],
    oneLine(approval.arguments),
  ])
  return formatTable([['ID', 'AGENT', 'TOOL', 'STATUS', 'EXPIRES', 'ARGUMENTS'], ...rows])
}

/** As JSON in which nothing hides: it comes from a model. */
function oneLine(given: unknown): string {
  const text = visibleJson(given)
  return text.length <= MAX_ARGUMENTS_LENGTH ? text : `${text.slice(0, MAX_ARGUMENTS_LENGTH - 1)}…`
}
