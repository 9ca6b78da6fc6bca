import { agentHandler } from '../agent-handler.ts'
import { health } from './agent.ts'

export const handler = agentHandler(health)
