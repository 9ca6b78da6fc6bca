import { SluiceError } from '#shared/platform/errors.ts'
import { lazy } from '#shared/platform/lazy.ts'
import type { Tool } from '#shared/protocol/tool.ts'
import type { OpenedTools, OpenTools } from './open-tool.ts'
import type { ToolDependencies } from './tool-dependencies.ts'
import type { ToolCaller } from './toolbox.ts'

/** Opens the tools of one entry of a definition, of whatever kind. */
export type ToolOpener = OpenTools<Tool>

/**
 * Creates an opener. The code of a kind of tool is loaded with the first tool of that kind.
 *
 * @returns a function that throws a SluiceError naming the tool that cannot be opened, or the signal's reason
 */
export function toolOpener(dependencies: ToolDependencies): ToolOpener {
  const mcp = lazy(async () => (await import('./mcp-tools.ts')).mcpTools(dependencies))

  async function openByKind(tool: Tool, caller: ToolCaller, signal: AbortSignal): Promise<OpenedTools> {
    switch (tool.type) {
      case 'lambda':
        return (await import('./function-tool.ts')).openFunctionTool(dependencies, tool, caller)
      case 'agent':
        return (await import('./agent-tool.ts')).openAgentTool(dependencies, tool, caller)
      case 'http':
        return (await import('./http-tool.ts')).openHttpTool(dependencies, tool)
      case 'mcp':
        return (await mcp())(tool, caller, signal)
      case 'builtin':
        return (await import('./built-in-tools.ts')).openBuiltInTool(dependencies, tool, caller)
    }
  }

  return async (tool, caller, signal) => {
    try {
      return await openByKind(tool, caller, signal)
    } catch (error) {
      signal.throwIfAborted()
      throw named(tool, error)
    }
  }
}

function named({ name }: Tool, error: unknown): unknown {
  if (!(error instanceof SluiceError)) return error
  const { code, message, retryable, fields, expose } = error
  return new SluiceError(code, `the tool "${name}": ${message}`, {
    cause: error,
    retryable,
    expose,
    ...(fields && { fields }),
  })
}
