import { agentHandler } from '../agent-handler.ts'
import { chat } from './agent.ts'

export const handler = agentHandler(chat)
