import { useEffect, useState, useSyncExternalStore } from 'react'
import { createExecutionView, type ExecutionTarget, type ExecutionView, type ViewOptions } from './execution-view.ts'
import type { Client } from './index.ts'

export type { ExecutionTarget, ExecutionView, ViewOptions } from './execution-view.ts'

export interface UseExecution extends ExecutionView {
  /** Stops the execution itself; what was said until then is kept. */
  cancel(): Promise<void>
  /** Stops following; the execution goes on. */
  detach(): void
}

/**
 * Follows an execution for as long as the component is mounted, or asks an agent first. Mounting twice, as `StrictMode` does, asks once.
 *
 * @param target - id of an execution, or what to ask whom; another one is followed in its place. Undefined follows nothing
 */
export function useExecution(
  client: Client,
  target: string | ExecutionTarget | undefined,
  { direct, pacing }: ViewOptions = {},
): UseExecution {
  const key = typeof target === 'string' ? target : JSON.stringify([target?.agentId, target?.content])
  const [made, setMade] = useState(() => ({ client, key, view: createExecutionView(client, target, { direct, pacing }) }))
  let current = made
  if (made.client !== client || made.key !== key) {
    current = { client, key, view: createExecutionView(client, target, { direct, pacing }) }
    setMade(current)
  }
  const { view } = current
  useEffect(() => view.start(), [view])
  const shown = useSyncExternalStore(view.subscribe, view.get, view.get)
  return { ...shown, cancel: view.cancel, detach: view.detach }
}
