import { createHandler } from './create-handler.ts'
import { socketDependencies } from './dependencies.ts'

export const handler = createHandler(socketDependencies())
