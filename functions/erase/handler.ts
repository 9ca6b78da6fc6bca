import { createHandler } from './create-handler.ts'
import { eraseDependencies } from './dependencies.ts'

export const handler = createHandler(eraseDependencies())
