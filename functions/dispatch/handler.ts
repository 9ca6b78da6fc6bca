import { createHandler } from './create-handler.ts'
import { dispatchDependencies } from './dependencies.ts'

export const handler = createHandler(dispatchDependencies())
