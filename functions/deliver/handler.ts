import { createHandler } from './create-handler.ts'
import { deliverDependencies } from './dependencies.ts'

export const handler = createHandler(deliverDependencies())
