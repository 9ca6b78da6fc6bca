import { agentHandler } from '../agent-handler.ts'
import { passthrough } from './agent.ts'

export const handler = agentHandler(passthrough)
