import { AUDIT_OUTCOMES, type AuditExport, type AuditList, type AuditVerification } from '#shared/protocol/audit.ts'
import type { HttpCaller } from '../../web/client/http.ts'
import { type Action, perform } from '../action.ts'
import { defineCommand, expectNoMore, unknownVerb } from '../command.ts'
import { timeAgo } from '../duration.ts'
import { UsageError } from '../errors.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { formatSheet, formatTable } from '../table.ts'

type Flags = {
  since?: string | undefined
  subject?: string | undefined
  action?: string | undefined
  outcome?: string | undefined
  resource?: string | undefined
  limit?: string | undefined
  verify?: string | undefined
}

const PATH = '/v1/audit'
const PAGE = 200
const DEFAULT_LIMIT = 50

export const audit = defineCommand({
  name: 'audit',
  summary: 'Shows who did what, checks that nobody changed it since, or exports days of it.',
  usage: ['[list]', '--verify <day>', 'export <from> <to>', 'show <export>'],
  description:
    'Without anything, the last calls of the last 24 hours that changed something or were not let in, the newest first. --verify exits with 1 when a day is not ' +
    'what it was.',
  options: {
    since: { type: 'string', placeholder: 'duration', help: 'from so long ago on, for instance 1h or 7d; 31d at the most (24h)' },
    subject: { type: 'string', placeholder: 'name', help: 'calls of one caller' },
    action: { type: 'string', placeholder: 'name', help: 'calls of one operation, for instance pauseAgent' },
    outcome: { type: 'string', placeholder: 'outcome', help: AUDIT_OUTCOMES.join(', ') },
    resource: { type: 'string', placeholder: 'path', help: 'calls to paths that begin like this' },
    limit: { type: 'string', placeholder: 'count', help: `at most so many (${DEFAULT_LIMIT})` },
    verify: { type: 'string', placeholder: 'day', help: 'checks the chain of a day (UTC), for instance 2026-11-21' },
  },
  examples: [
    'npx sluice audit --since 1h',
    'npx sluice audit --subject ada --outcome refused --json',
    'npx sluice audit --verify 2026-11-21',
    'npx sluice audit export 2026-11-01 2026-11-20',
  ],
  async run(values, [verb, ...rest], context) {
    const act = actionOf(verb, rest, values)
    return perform(act, await context.http(values), values, context)
  },
})

function actionOf(verb: string | undefined, [first, second, ...more]: string[], values: Flags): Action<HttpCaller> {
  expectNoMore(more, 'audit')
  switch (verb) {
    case undefined:
    case 'list':
      expectNoMore(first === undefined ? [] : [first], 'audit list')
      return values.verify === undefined ? list(values) : verify(values.verify)
    case 'export':
      if (first === undefined || second === undefined)
        throw new UsageError('which days?', 'npx sluice audit export 2026-11-01 2026-11-20')
      return exportDays(first, second)
    case 'show':
      if (first === undefined) throw new UsageError('which export?', 'npx sluice audit export prints its id')
      return show(first)
    default:
      throw unknownVerb('audit', verb)
  }
}

function list({ since = '24h', limit, verify: _, ...filter }: Flags): Action<HttpCaller> {
  const wanted = limit === undefined ? DEFAULT_LIMIT : Number(limit)
  if (!(Number.isInteger(wanted) && wanted > 0)) throw new UsageError(`--limit "${limit}" is no number`, 'use 1 or more')
  const from = timeAgo(since, '--since')
  const { subject, action, outcome, resource } = filter
  const given = Object.entries({ subject, action, outcome, resource }).filter(
    (pair): pair is [string, string] => pair[1] !== undefined,
  )
  return async (http, { signal, stderr }) => {
    const records: AuditList['records'] = []
    const to = new Date().toISOString()
    let after: string | undefined
    do {
      const cursor: Record<string, string> = after === undefined ? {} : { after }
      const pageSize = String(Math.min(PAGE, wanted - records.length))
      const query = new URLSearchParams({ ...Object.fromEntries(given), from, to, limit: pageSize, ...cursor })
      const page: AuditList = await http(`${PATH}?${query}`, { signal })
      records.push(...page.records)
      after = page.next
    } while (after !== undefined && records.length < wanted)
    if (records.length === 0) stderr.line('there are no such records')
    else if (after !== undefined) stderr.line('there are more; --limit shows more of them')
    return { text: records.length === 0 ? '' : tableOf(records), json: { records } }
  }
}

function tableOf(records: AuditList['records']): string {
  const rows = records.map(({ time = '', subject = '-', address = '-', action = '', resource = '', status, code }) => [
    time,
    subject,
    address,
    action,
    resource,
    code ?? String(status ?? ''),
  ])
  return formatTable([['TIME', 'WHO', 'FROM', 'WHAT', 'TO WHAT', 'OUTCOME'], ...rows])
}

const verify =
  (day: string): Action<HttpCaller> =>
  async (http, { signal }) => {
    const found = await http<AuditVerification>(`${PATH}/${encodeURIComponent(day)}/verification`, { signal })
    const { intact, records, seals, fresh, last, findings } = found
    const sheet = formatSheet([
      ['day', day],
      ['intact', intact ? 'yes' : `no: ${found.found} found`],
      ['records', `${records} in ${seals} seals${fresh > 0 ? `, ${fresh} of them too new to be sealed` : ''}`],
      ['last seal', last?.hash],
    ])
    const rows = findings.map(({ kind, place, detail }) => [kind, place, detail])
    const text = rows.length === 0 ? sheet : `${sheet}\n\n${formatTable([['FOUND', 'WHERE', 'WHY'], ...rows])}`
    return { text, json: found, exitCode: intact ? EXIT_CODE.ok : EXIT_CODE.failed }
  }

const exportDays =
  (from: string, to: string): Action<HttpCaller> =>
  async (http, { signal, stderr }) => {
    const asked = await http<AuditExport>(`${PATH}/exports`, { method: 'POST', body: { from, to }, signal })
    stderr.line(`it is being made; npx sluice audit show ${asked.exportId} tells how far it is`)
    return { text: asked.exportId, json: asked }
  }

const show =
  (exportId: string): Action<HttpCaller> =>
  async (http, { signal }) => {
    const found = await http<AuditExport>(`${PATH}/exports/${encodeURIComponent(exportId)}`, { signal })
    const { status, from, to, bucket, manifest, days = [] } = found
    const sheet = formatSheet([
      ['status', status],
      ['days', `${from} to ${to}`],
      ['manifest', manifest && `s3://${bucket}/${manifest}`],
    ])
    const rows = days.map(({ day, intact, records, key }) => [day, intact ? 'yes' : 'no', String(records), key])
    const text = rows.length === 0 ? sheet : `${sheet}\n\n${formatTable([['DAY', 'INTACT', 'RECORDS', 'FILE'], ...rows])}`
    return { text, json: found }
  }
