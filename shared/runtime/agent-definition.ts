import type * as z from 'zod'
import type { AgentAccess, AgentEndpoint } from '#shared/protocol/agent.ts'
import type { LlmSettings } from '#shared/protocol/llm.ts'
import type { MessageFilter } from '#shared/protocol/message-filter.ts'
import type { RetryPolicy } from '#shared/protocol/retry-policy.ts'
import type { AgentContext, SetupContext } from './agent-context.ts'

/** One kind of work: what its data must look like, and the code that does it. */
export type Work<Schema extends z.ZodType = z.ZodType> = {
  input: Schema
  /**
   * @param input - checked by the schema; what is not like it never comes here
   * @returns what becomes `output.data` of the execution: JSON, or nothing
   */
  handle(input: z.output<Schema>, context: AgentContext): Promise<unknown> | unknown
}

/** Work by the `type` of the message or the request. */
export type WorkByType<Schemas extends Record<string, z.ZodType>> = { [Type in keyof Schemas]: Work<Schemas[Type]> }

type Settings = {
  /** Its id everywhere: in the registry, in URLs, in the names of its function and its queue. */
  id: string
  /** @default the id */
  name?: string
  description?: string
  /** Topics whose messages it gets. @default none */
  topics?: string[]
  /** Which messages of a topic it gets, by topic. @default all of them */
  filters?: Record<string, MessageFilter>
  /** Model behind `context.llm`. @default none: `context.llm` throws */
  llm?: LlmSettings
  /** Executions that run at once; the others wait. @default 10 */
  maxConcurrency?: number
  /** Executions that may wait before direct requests are refused. @default 10,000 */
  maxQueue?: number
  /** Longest execution, in seconds. It may be longer than the function's timeout, with checkpoints. @default the stage's */
  timeoutSeconds?: number
  /** @default 3 attempts, 10 s apart and more, after errors that may pass */
  retry?: Partial<RetryPolicy>
  /** Label of its role, such as `business-analyst`. */
  agentType?: string
  /** What it is made with, such as `anthropic` or `deterministic`. */
  implementation?: string
  /** Its name in health and events. */
  serviceName?: string
  /** Business that it belongs to; lists are filtered by it. */
  domain?: string
  /** What it can do; lists are filtered by it, and requests that name no agent find one by it. */
  capabilities?: string[]
  /** Types that `handle` knows, beside those of `tasks` and `events`. @default all of them where there is a `handle` */
  taskTypes?: string[]
  /** Its own paths: `POST /agents/<id>/analyze` asks for the type of `/analyze`. */
  endpoints?: AgentEndpoint[]
  /** Who may use it. @default everybody of the tenant whose token has the scope */
  access?: AgentAccess
  /** Names whatever deployed it. */
  deploymentId?: string
  /** Settings of its own, to be read in the registry. Never keys. */
  config?: Record<string, z.core.util.JSONType>
  /** Called before the first execution of a container, and again with the next one when it throws. */
  onInit?(context: SetupContext): Promise<void> | void
}

/** What `defineAgent` takes. At least one of `handle`, `tasks` and `events` does the work. */
export type AgentDefinition<
  Input extends z.ZodType = z.ZodType,
  Tasks extends Record<string, z.ZodType> = Record<string, z.ZodType>,
  Events extends Record<string, z.ZodType> = Record<string, z.ZodType>,
> = Settings & {
  /** Data of `handle`. @default any JSON */
  input?: Input
  /** Work of any other type, or of none. Without it, other types are refused with `unsupported_task_type`. */
  handle?: Work<Input>['handle']
  /** Work that somebody asks this agent for, by its type. */
  tasks?: WorkByType<Tasks>
  /** Messages about what happened elsewhere, by their type. */
  events?: WorkByType<Events>
}
