import { createHandler } from './create-handler.ts'
import { executeDependencies } from './dependencies.ts'

export const handler = createHandler(executeDependencies())
