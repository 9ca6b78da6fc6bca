import { ValidationError } from '#shared/platform/errors.ts'
import type { Tool } from '#shared/protocol/tool.ts'
import { currentTime } from './current-time.ts'
import { fetchPage } from './fetch-page.ts'
import type { OpenedTools, OpenTool } from './open-tool.ts'
import { recall, remember } from './remembering.ts'
import { searchConversation } from './search-conversation.ts'
import type { ToolDependencies } from './tool-dependencies.ts'
import type { ToolCaller } from './toolbox.ts'

export type BuiltInTool = Extract<Tool, { type: 'builtin' }>

/** A tool of the platform itself. */
export async function openBuiltInTool(
  dependencies: ToolDependencies,
  definition: BuiltInTool,
  caller: ToolCaller,
): Promise<OpenedTools> {
  return { tools: [toolOf(dependencies, definition, caller)] }
}

function toolOf(dependencies: ToolDependencies, { name, hosts }: BuiltInTool, caller: ToolCaller): OpenTool {
  switch (name) {
    case 'current_time':
      return currentTime(dependencies)
    case 'fetch':
      if (!hosts) throw new ValidationError('name the hosts that it may call, in "hosts"')
      return fetchPage(dependencies, hosts)
    case 'search_conversation':
      return searchConversation(dependencies, caller)
    case 'remember':
      return remember(dependencies, caller)
    case 'recall':
      return recall(dependencies, caller)
  }
}
