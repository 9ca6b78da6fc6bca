import { FRONT_DOOR } from '#shared/protocol/routes.ts'

export type Door = keyof typeof FRONT_DOOR

/** The door that serves a path: the first whose pattern fits, as CloudFront's behaviours are tried. */
export function doorOf(path: string): Door {
  for (const door of ['http', 'socket', 'streams', 'openai'] as const) {
    if (FRONT_DOOR[door].some((pattern) => fits(pattern, path))) return door
  }
  return 'console'
}

/** `/v1/*` fits everything below `/v1/`; a pattern without `*` fits itself alone. */
function fits(pattern: string, path: string): boolean {
  return pattern.endsWith('*') ? path.startsWith(pattern.slice(0, -1)) : path === pattern
}
