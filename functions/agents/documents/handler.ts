import { agentHandler } from '../agent-handler.ts'
import { documents } from './agent.ts'

export const handler = agentHandler(documents)
