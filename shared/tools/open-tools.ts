import { SluiceError, ValidationError } from '#shared/platform/errors.ts'
import type { Tool } from '#shared/protocol/tool.ts'
import type { OpenedTools } from './open-tool.ts'
import type { ToolDependencies } from './tool-dependencies.ts'
import type { ToolCaller } from './toolbox.ts'

/**
 * Opens the tools of one entry of a definition; what its kind needs is loaded now.
 *
 * @throws SluiceError naming the tool that cannot be had; the signal's reason
 */
export async function openTools(
  dependencies: ToolDependencies,
  tool: Tool,
  caller: ToolCaller,
  signal: AbortSignal,
): Promise<OpenedTools> {
  try {
    return await openByKind(dependencies, tool, caller, signal)
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof SluiceError)) throw error
    const { code, message, retryable, fields } = error
    if (code === 'validation_error') throw new ValidationError(`the tool "${tool.name}": ${message}`, fields)
    throw new SluiceError(code, `the tool "${tool.name}": ${message}`, { cause: error, retryable })
  }
}

async function openByKind(
  dependencies: ToolDependencies,
  tool: Tool,
  caller: ToolCaller,
  signal: AbortSignal,
): Promise<OpenedTools> {
  switch (tool.type) {
    case 'lambda':
      return (await import('./function-tool.ts')).openFunctionTool(dependencies, tool, caller)
    case 'agent':
      return (await import('./agent-tool.ts')).openAgentTool(dependencies, tool, caller)
    case 'http':
      return (await import('./http-tool.ts')).openHttpTool(dependencies, tool)
    case 'mcp':
      return (await import('./mcp-tools.ts')).openMcpTools(dependencies, tool, caller, signal)
    case 'builtin':
      return (await import('./built-in-tools.ts')).openBuiltInTool(dependencies, tool, caller)
  }
}
