import * as z from 'zod'
import { toSluiceError } from '#shared/platform/errors.ts'
import type { Log } from '#shared/platform/log.ts'
import { powertoolsLog } from '#shared/platform/powertools-log.ts'
import type { FunctionAnswer, FunctionCall } from './function-caller.ts'

/** Who called the tool, and the idempotency key of the call. */
export type ToolContext = Omit<FunctionCall, 'arguments'>

export type ToolDefinition<Parameters extends z.ZodObject = z.ZodObject> = {
  name: string
  /** For the model: what the tool does, and when to use it. */
  description: string
  parameters: Parameters
  /**
   * @returns JSON for the model
   * @throws SluiceError, which the model is told; anything else is logged, and the model only learns that the tool failed
   */
  handle(input: z.output<Parameters>, context: ToolContext): Promise<unknown> | unknown
}

/** The Lambda handler, with its definition. */
export type ToolHandler = ((call: FunctionCall) => Promise<FunctionAnswer>) & {
  definition: { name: string; description: string; parameters: z.ZodObject }
}

/**
 * Defines a tool that runs as a function. This is all that `functions/tools/<id>/handler.ts` contains.
 *
 * @example
 * export const handler = defineTool({
 *   name: 'order_status',
 *   description: 'Where an order is.',
 *   parameters: z.object({ orderId: z.string() }),
 *   handle: async ({ orderId }, { tenant }) => orders.find(tenant, orderId),
 * })
 */
export function defineTool<Parameters extends z.ZodObject>(
  definition: ToolDefinition<Parameters>,
  logger: Log = powertoolsLog(`tool-${definition.name}`),
): ToolHandler {
  async function handle({ arguments: given, ...context }: FunctionCall): Promise<FunctionAnswer> {
    const input = definition.parameters.safeParse(given)
    if (!input.success) return { error: { code: 'validation_error', message: z.prettifyError(input.error) } }
    try {
      return { result: (await definition.handle(input.data, context)) ?? null }
    } catch (thrown) {
      const error = toSluiceError(thrown)
      if (error.expose) return { error: { code: error.code, message: error.message } }
      logger.error('tool_failed', { toolName: definition.name, callId: context.callId, error: thrown })
      return { error: { code: 'internal', message: 'the tool failed' } }
    }
  }
  return Object.assign(handle, { definition })
}
