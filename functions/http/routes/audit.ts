import * as z from 'zod'
import { findExport, requestExport } from '#shared/audit/export-audit.ts'
import { queryAudit } from '#shared/audit/query-audit.ts'
import { verifyChain } from '#shared/audit/verify-chain.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import {
  AUDIT_FIELDS,
  AUDIT_OUTCOMES,
  auditDaySchema,
  auditExportSchema,
  auditListSchema,
  auditVerificationSchema,
  createAuditExportSchema,
} from '#shared/protocol/audit.ts'
import { timestampSchema } from '#shared/protocol/identifiers.ts'
import { fieldsQuery, pageQuery, pickFields } from '../query.ts'
import { type Route, route } from '../route.ts'

const MAX_TEXT = 512
/** Time that a verification has: less than the function, so that its caller hears of it. */
const VERIFICATION_MS = 24_000

const text = z.string().min(1).max(MAX_TEXT)

export const AUDIT_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/audit',
    operation: 'listAuditRecords',
    summary: 'Who did what, newest first',
    description: `Calls that changed something or were not let in, of the last 24 hours or between \`from\` and \`to\`, which are 31 days apart at the
most. Filters: \`subject\`, \`action\` and \`outcome\` as they are, \`resource\` by its beginning. A page may be empty and yet have a \`next\`:
so much was looked at.`,
    tag: 'Audit',
    scope: 'audit:read',
    query: z.strictObject({
      from: timestampSchema.optional(),
      to: timestampSchema.optional(),
      subject: text.optional(),
      action: text.optional(),
      outcome: z.enum(AUDIT_OUTCOMES).optional(),
      resource: text.optional(),
      fields: fieldsQuery(AUDIT_FIELDS),
      ...pageQuery({ max: 200 }),
    }),
    status: 200,
    response: auditListSchema,
    async handle({ principal, query: { fields, ...query } }, dependencies) {
      const { records, next } = await queryAudit(dependencies, principal, query)
      return { body: { records: records.map((record) => pickFields(record, fields)), next } }
    },
  }),

  route({
    method: 'GET',
    path: '/v1/audit/{day}/verification',
    operation: 'verifyAuditDay',
    summary: 'Whether the records of a day are what they were',
    description: `Computes the hash chain of a day (UTC) anew and compares it with what is stored. What it finds stands in \`findings\`; a day that is
too large for one call is verified from its export.`,
    tag: 'Audit',
    errors: ['timeout'],
    scope: 'audit:read',
    params: z.object({ day: auditDaySchema }),
    status: 200,
    response: auditVerificationSchema,
    async handle({ principal: { tenant }, params: { day } }, dependencies) {
      const signal = AbortSignal.timeout(VERIFICATION_MS)
      const body = await verifyChain(dependencies, { tenant, day }, signal).catch((error: unknown) => {
        if (!signal.aborted) throw error
        throw new SluiceError('timeout', 'the day is too large to be verified in one call: verify its export')
      })
      return { body }
    },
  }),

  route({
    method: 'POST',
    path: '/v1/audit/exports',
    operation: 'createAuditExport',
    summary: 'Exports days of the audit log as files',
    description: 'From one day to another, both included, 31 at the most. It is made in the background: ask for it by its id.',
    tag: 'Audit',
    scope: 'audit:write',
    body: createAuditExportSchema,
    status: 202,
    response: auditExportSchema,
    async handle({ principal, body }, dependencies) {
      const asked = await requestExport(dependencies, principal, body)
      const { exportId, from, to } = asked
      await dependencies.connectionTasks.send([{ task: 'export_audit', tenant: principal.tenant, exportId, from, to }])
      return { body: asked, headers: { location: `/v1/audit/exports/${exportId}` } }
    },
  }),

  route({
    method: 'GET',
    path: '/v1/audit/exports/{exportId}',
    operation: 'getAuditExport',
    summary: 'How far an export is, and where its files are',
    tag: 'Audit',
    errors: ['not_found'],
    scope: 'audit:read',
    params: z.object({ exportId: z.uuid() }),
    status: 200,
    response: auditExportSchema,
    async handle({ principal, params: { exportId } }, dependencies) {
      return { body: await findExport(dependencies, principal, exportId) }
    },
  }),
]
