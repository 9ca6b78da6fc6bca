import { lazy } from '#shared/platform/lazy.ts'
import type { Answerer } from './answerer.ts'
import type { LlmAnswererDependencies } from './llm-answerer.ts'

/**
 * Answers for every agent that has no function of its own, by its kind. What a kind takes is loaded with the first agent of it.
 *
 * @param dependencies.allowPrivate - whether remote agents in private networks are called; on the stage `local` alone
 */
export function sharedAnswerer({ allowPrivate, ...dependencies }: LlmAnswererDependencies & { allowPrivate: boolean }): Answerer {
  const byModel = lazy(async () => (await import('./llm-answerer.ts')).llmAnswerer(dependencies))
  const byService = lazy(async () => (await import('./remote-answerer.ts')).remoteAnswerer({ allowPrivate }))
  return async (request) => {
    const answer = request.agent.kind === 'remote' ? await byService() : await byModel()
    return answer(request)
  }
}
