import { describe, expect, it } from 'vitest'
import { simulate } from './simulation/simulate.ts'

describe('simulation', () => {
  it('ends every execution once while everything breaks', async () => {
    const { verdict, faults, endings } = await simulate({ executions: 1_500, seed: 7 })

    expect(verdict).toEqual({ lost: [], duplicated: [], stuck: [] })
    // What nobody runs cannot break: most executions are answered, by models that fail and workers that die.
    expect(endings.completed).toBeGreaterThan(1_000)
    expect(faults.model_failed).toBeGreaterThan(50)
    // How many of them there are is also a matter of the machine.
    expect(faults.approval_decided).toBeGreaterThan(20)
    expect(faults.turn_passed_on).toBeGreaterThan(3)
    expect(faults.worker_killed_in_mid_stream + faults.worker_killed_between_log_and_post + faults.writer_frozen).toBeGreaterThan(
      3,
    )
  })
})
