import type { Toolbox } from '#shared/tools/toolbox.ts'

const result = { content: 'There are no tools.', isError: true }

/** The toolbox of agents that have none. */
export const NO_TOOLS: Toolbox = {
  tools: [],
  check: () => ({ ok: false, result }),
  run: async () => ({ status: 'ended', result }),
  close: async () => undefined,
}
