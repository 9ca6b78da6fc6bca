import { agentListSchema, agentSchema, createAgentSchema } from '#shared/protocol/agent.ts'
import {
  createExecutionSchema,
  executionAcceptedSchema,
  executionListSchema,
  executionSchema,
} from '#shared/protocol/execution.ts'
import { problemSchema } from '#shared/protocol/problem.ts'

/** Schemas that have a name of their own in the API's description, wherever they are used. */
export const COMPONENTS = {
  Problem: problemSchema,
  Agent: agentSchema,
  AgentList: agentListSchema,
  CreateAgent: createAgentSchema,
  Execution: executionSchema,
  ExecutionList: executionListSchema,
  ExecutionAccepted: executionAcceptedSchema,
  CreateExecution: createExecutionSchema,
}
