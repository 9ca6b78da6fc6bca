import {
  type ExecutionArgs,
  GraphQLError,
  parse as parseDocument,
  specifiedRules,
  type ValidatedExecutionArgs,
  validate,
  validateExecutionArgs,
} from 'graphql'
import type { GraphqlRequest } from './graphql-request.ts'
import { MUTATIONS } from './mutations.ts'
import { limitAliases, MAX_TOKENS, requireAffordable } from './operation-limits.ts'
import { QUERIES } from './queries.ts'
import { SCHEMA } from './schema.ts'

/** Most errors that one answer names. */
const MAX_ERRORS = 10

const RULES = [...specifiedRules, limitAliases]

/** `ready`: `args` may be executed in the context of the caller; `validated` are the same, with the operation that was chosen. */
export type Operation =
  | { result: 'ready'; args: Omit<ExecutionArgs, 'contextValue'>; validated: ValidatedExecutionArgs }
  | { result: 'refused'; errors: readonly GraphQLError[] }

/** Parses and validates an operation, and holds it to the limits. Nothing of it has been done. */
export function readOperation(request: GraphqlRequest): Operation {
  try {
    const document = parseDocument(request.query, { maxTokens: MAX_TOKENS })
    const errors = validate(SCHEMA, document, RULES, { maxErrors: MAX_ERRORS })
    if (errors.length > 0) return { result: 'refused', errors }
    const args = {
      schema: SCHEMA,
      document,
      operationName: request.operationName,
      variableValues: request.variables,
      rootValue: { ...QUERIES, ...MUTATIONS },
    }
    const validated = validateExecutionArgs(args)
    if (!('operation' in validated)) return { result: 'refused', errors: validated }
    requireAffordable(validated)
    return { result: 'ready', args, validated }
  } catch (error) {
    if (error instanceof GraphQLError) return { result: 'refused', errors: [error] }
    throw error
  }
}
