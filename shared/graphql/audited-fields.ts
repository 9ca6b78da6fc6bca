import { type DocumentNode, type ExecutionResult, type GraphQLError, getOperationAST, Kind } from 'graphql'
import type { AuditedEnd } from '#shared/audit/auditor.ts'
import { fromAwsError } from '#shared/platform/aws-errors.ts'
import { SluiceError, toSluiceError } from '#shared/platform/errors.ts'

/** A field of an operation that stands in the audit log, and what became of it. */
export type AuditedField = { field: string; end: AuditedEnd }

/**
 * The fields of an operation that stand in the audit log: those of a mutation whatever became of them, those of a query where the caller was not
 * let in.
 *
 * @param errors - before they are made fit to be shown
 */
export function auditedFields(
  { document, operationName }: { document: DocumentNode; operationName?: string | null | undefined },
  errors: ExecutionResult['errors'] = [],
): AuditedField[] {
  const operation = getOperationAST(document, operationName)
  const fields = (operation?.selectionSet.selections ?? []).map((selection) => {
    if (selection.kind !== Kind.FIELD) return { field: '…', end: endOf(errors[0]) }
    const name = selection.alias?.value ?? selection.name.value
    return { field: selection.name.value, end: endOf(errors.find(({ path }) => path === undefined || path[0] === name)) }
  })
  const isMutation = operation?.operation === 'mutation'
  return fields.filter(({ end: { status } }) => isMutation || status === 401 || status === 403)
}

/** Without an original it is the document that is wrong. */
function endOf(error: GraphQLError | undefined): AuditedEnd {
  if (!error) return { status: 200 }
  const cause = error.originalError ?? new SluiceError('validation_error', error.message)
  const { status, code } = toSluiceError(fromAwsError(cause, 'the service'))
  return { status, code }
}
