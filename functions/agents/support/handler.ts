import { agentHandler } from '../agent-handler.ts'
import { support } from './agent.ts'

export const handler = agentHandler(support)
