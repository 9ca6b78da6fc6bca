import { createHandler } from './create-handler.ts'
import { sweepDependencies } from './dependencies.ts'

export const handler = createHandler(sweepDependencies())
