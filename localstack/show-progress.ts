import { Listr } from 'listr2'
import type { Step } from './step.ts'

/**
 * Runs the steps, each as soon as it can, and shows how far they are: live on a terminal, a line a finished step elsewhere.
 *
 * @throws whatever the first failing step throws
 */
export async function showProgress(steps: Step<unknown>[], terminal: boolean): Promise<void> {
  if (!terminal) {
    await Promise.all(steps.map((step) => step.run().then(() => console.log(`✔ ${finished(step)}`))))
    return
  }
  const tasks = steps.map((step) => ({
    title: step.title,
    task: async (_: unknown, task: { title: string }) => {
      await step.run()
      task.title = finished(step)
    },
  }))
  await new Listr(tasks, {
    concurrent: true,
    registerSignalListeners: false,
    rendererOptions: { showErrorMessage: false, collapseErrors: false },
  }).run()
}

const finished = (step: Step<unknown>): string => `${step.title.padEnd(26)} ${step.seconds().toFixed(1).padStart(5)} s`
