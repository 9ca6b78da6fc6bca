import { agentHandler } from '../agent-handler.ts'
import { echo } from './agent.ts'

export const handler = agentHandler(echo)
