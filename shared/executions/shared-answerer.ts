import type { Answerer } from './answerer.ts'

/**
 * Answers for every agent that has no function of its own, by its kind. What remote agents take is loaded with the first one.
 *
 * @param options.allowPrivate - whether remote agents in private networks are called; on the stage `local` alone
 */
export const sharedAnswerer =
  (llm: Answerer, options: { allowPrivate: boolean }): Answerer =>
  async (request) => {
    if (request.agent.kind !== 'remote') return llm(request)
    const { remoteAnswerer } = await import('./remote-answerer.ts')
    return remoteAnswerer(options)(request)
  }
