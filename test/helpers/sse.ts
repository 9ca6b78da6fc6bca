/** Server-sent events as Anthropic names them, by their type. */
export const typedEvents = (...events: ({ type: string } & Record<string, unknown>)[]): string =>
  events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('')

/** Server-sent events without a name. */
export const plainEvents = (...events: object[]): string => events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('')
