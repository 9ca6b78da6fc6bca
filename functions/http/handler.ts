import { createHandler } from './create-handler.ts'
import { createDependencies } from './dependencies.ts'

/** Entry of the function `http`: every route of the HTTP API. */
export const handler = createHandler(createDependencies())
