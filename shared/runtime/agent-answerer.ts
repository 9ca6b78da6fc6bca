import type { Answerer } from '#shared/executions/answerer.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import type { AgentDefinition } from './agent-definition.ts'
import type { AgentDependencies } from './agent-dependencies.ts'
import { checkInput } from './check-input.ts'
import { checkResult } from './check-result.ts'
import { findWork } from './find-work.ts'
import { initialiseOnce } from './initialise-once.ts'
import { makeContext } from './make-context.ts'

/**
 * Answers by an agent's own code. What the code writes is the answer's text, what it returns is its data. Its errors decide by their code
 * and `retryable` about another attempt; any other error is `internal`, and final unless it says `retryable: true` itself.
 */
export function agentAnswerer(definition: AgentDefinition, dependencies: AgentDependencies): Answerer {
  const initialise = initialiseOnce(dependencies, definition)

  return async (request) => {
    const { record, writer, signal } = request
    await initialise({ tenant: record.tenant, agentId: record.agentId })
    const work = findWork(definition, record.type)
    const input = await checkInput(dependencies.deadLetters, work, record)
    const { context, settle } = makeContext(definition, dependencies, request)
    try {
      const returned = await work.handle(input, context)
      await settle()
      return { stopReason: 'end', data: await checkResult(returned, writer) }
    } catch (error) {
      // What was begun is done before the next attempt begins with the same.
      if (!signal.aborted) await settle().catch(() => undefined)
      throw retryableAsItSays(error)
    }
  }
}

/** An error that is not ours, but says itself that another attempt may help. */
function retryableAsItSays(error: unknown): unknown {
  if (error instanceof SluiceError || !(error instanceof Error)) return error
  const wished = 'retryable' in error && error.retryable === true
  return wished ? new SluiceError('internal', error.message, { cause: error, retryable: true }) : error
}
