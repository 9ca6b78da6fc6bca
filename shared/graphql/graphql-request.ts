import * as z from 'zod'

/** Parameters of an operation, as HTTP and the socket carry them. A list of them is none: operations are not batched. */
export const graphqlRequestSchema = z.object({
  query: z.string().min(1),
  operationName: z.string().nullish(),
  variables: z.record(z.string(), z.unknown()).nullish(),
  extensions: z.record(z.string(), z.unknown()).nullish(),
})

export type GraphqlRequest = z.infer<typeof graphqlRequestSchema>
