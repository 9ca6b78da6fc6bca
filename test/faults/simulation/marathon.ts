import type { Answerer } from '#shared/executions/answerer.ts'
import { sleep } from '#shared/platform/clock.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import type { Random } from '../../../bench/random.ts'
import type { FaultLog } from './fault-log.ts'

const STEPS = 5
const said = (step: number): string => `step ${step}. `

/** What it has said in the end, however often it was stopped. */
export const MARATHON_TEXT = Array.from({ length: STEPS }, (_, step) => said(step)).join('')

/** Works in steps, saves after each, and sometimes fails between the two. */
export const marathon =
  (random: Random, log: FaultLog): Answerer =>
  async ({ writer, checkpoints, signal }) => {
    for (let step = Number(checkpoints.state ?? 0); step < STEPS; step++) {
      writer.write({ type: 'content_chunk', data: { text: said(step) } })
      if (random.chance(0.2)) await sleep(random.below(8), signal)
      if (random.chance(0.03)) {
        log.add('model_failed')
        throw new SluiceError('network_error', 'injected')
      }
      await checkpoints.save(step + 1)
    }
    return { stopReason: 'end' }
  }
