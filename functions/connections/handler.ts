import { createHandler } from './create-handler.ts'
import { connectionsDependencies } from './dependencies.ts'

export const handler = createHandler(connectionsDependencies())
