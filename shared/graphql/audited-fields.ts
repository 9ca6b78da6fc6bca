import { type DocumentNode, type ExecutionResult, type GraphQLError, getOperationAST, Kind, type SelectionSetNode } from 'graphql'
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
  if (!operation) return []
  const fields = [...namesByKey(document, operation.selectionSet)].map(([key, field]) => ({
    field,
    end: endOf(errors.find(({ path }) => path === undefined || path[0] === key)),
  }))
  return fields.filter(({ end: { status } }) => operation.operation === 'mutation' || status === 401 || status === 403)
}

/**
 * Names of the fields at the top of an operation, in fragments or not, by the key that each has in the answer: that is done once, however often
 * it is asked for. A fragment is looked into once, however often it is spread.
 */
function namesByKey({ definitions }: DocumentNode, top: SelectionSetNode): Map<string, string> {
  const fragments = new Map(
    definitions.flatMap((definition) =>
      definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition.selectionSet]] : [],
    ),
  )
  const names = new Map<string, string>()
  function collect({ selections }: SelectionSetNode): void {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) names.set(selection.alias?.value ?? selection.name.value, selection.name.value)
      else if (selection.kind === Kind.INLINE_FRAGMENT) collect(selection.selectionSet)
      else {
        const fragment = fragments.get(selection.name.value)
        fragments.delete(selection.name.value)
        if (fragment) collect(fragment)
      }
    }
  }
  collect(top)
  return names
}

/** Without an original it is the document that is wrong. */
function endOf(error: GraphQLError | undefined): AuditedEnd {
  if (!error) return { status: 200 }
  const cause = error.originalError ?? new SluiceError('validation_error', error.message)
  const { status, code } = toSluiceError(fromAwsError(cause, 'the service'))
  return { status, code }
}
