import middy from '@middy/core'
import type { ScheduledEvent } from 'aws-lambda'
import { followDeployment } from '#shared/agents/follow-deployment.ts'
import { type ExportProgress, exportEndedDays, newExportProgress } from '#shared/audit/export-ended-days.ts'
import { reconcileAgents } from '#shared/executions/reconcile-agents.ts'
import { sweepExecutions } from '#shared/executions/sweep-executions.ts'
import type { SweepFunctionDependencies } from './dependencies.ts'

/** Time that is left for what has begun, in milliseconds. */
const MARGIN_MS = 5_000

/** What one invocation saw to. */
export type Swept = { executions: number; agents: number }

/**
 * Every minute: goes on with executions and agents that nobody works on, has agents in code registered as they are deployed, and ended days of
 * the audit log exported. What fails with the ones keeps nothing from the others.
 */
export function createHandler(dependencies: SweepFunctionDependencies) {
  const exportProgress = newExportProgress()
  return middy<ScheduledEvent, Swept>().handler(async (_event, context) => {
    const signal = AbortSignal.timeout(Math.max(0, context.getRemainingTimeInMillis() - MARGIN_MS))
    const [executions, agents, registrations, exports] = await Promise.allSettled([
      sweepExecutions(dependencies, signal),
      reconcileAgents(dependencies, signal),
      followDeployment(dependencies, dependencies.declared),
      askForExports(dependencies, exportProgress),
    ])
    if (executions.status === 'rejected') throw executions.reason
    if (agents.status === 'rejected') throw agents.reason
    if (registrations.status === 'rejected') throw registrations.reason
    if (exports.status === 'rejected') throw exports.reason
    const swept = { executions: executions.value, agents: agents.value }
    if (swept.executions > 0) dependencies.logger.warn('sweep_done', swept)
    return swept
  })
}

async function askForExports(dependencies: SweepFunctionDependencies, progress: ExportProgress): Promise<void> {
  const tasks = await exportEndedDays(dependencies, progress)
  if (tasks.length > 0) await dependencies.connectionTasks.send(tasks.map((task) => ({ task: 'export_audit', ...task })))
}
