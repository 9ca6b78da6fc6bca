import { createHandler } from './create-handler.ts'
import { changesDependencies } from './dependencies.ts'

export const handler = createHandler(changesDependencies())
