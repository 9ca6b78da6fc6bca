import { createHandler } from './create-handler.ts'
import { streamDependencies } from './dependencies.ts'

/** Entry of the function `stream`: Server-Sent Events. */
export const handler = awslambda.streamifyResponse(createHandler(streamDependencies()))
