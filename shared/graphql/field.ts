import type * as z from 'zod'
import { requireScope } from '#shared/access/require-scope.ts'
import { parse } from '#shared/platform/parse.ts'
import type { Scope } from '#shared/protocol/scopes.ts'
import type { GraphqlContext } from './graphql-context.ts'

type Definition<Args> = {
  /** Scopes that the caller needs: those of the route that does the same. */
  scopes: readonly Scope[]
  args: z.ZodType<Args>
  resolve(context: GraphqlContext, args: Args): unknown
}

/** A field that reads or does something, as a function for graphql-js's default resolver. */
export const field =
  <Args>({ scopes, args, resolve }: Definition<Args>) =>
  async (given: Record<string, unknown>, context: GraphqlContext): Promise<unknown> => {
    for (const scope of scopes) requireScope(context.principal, scope)
    return resolve(context, parse(args, withoutNulls(given), 'arguments'))
  }

/** GraphQL lets a caller write null for what is left out; the schemas of the protocol do not. JSON in it stays as it is. */
export const withoutNulls = (given: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null && value !== undefined))
