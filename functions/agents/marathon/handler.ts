import { agentHandler } from '../agent-handler.ts'
import { marathon } from './agent.ts'

export const handler = agentHandler(marathon)
