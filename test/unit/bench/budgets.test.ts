import { describe, expect, it } from 'vitest'
import { benchResult } from '../../../bench/bench-result.ts'
import { exceeded } from '../../../bench/budgets.ts'
import { BARE_MEASUREMENTS, measurements } from '../../helpers/bench.ts'

describe('exceeded', () => {
  it('is empty within the budgets, also for what was not measured', () => {
    expect(exceeded(benchResult(measurements()))).toEqual([])
    expect(exceeded(benchResult(BARE_MEASUREMENTS))).toEqual([])
  })

  it('names each budget that is too small', () => {
    const result = benchResult(measurements({ posts: 200, firstFrameMs: 100 }))

    expect(exceeded(result).map(({ what }) => what)).toEqual([
      'posts of a reply to one viewer',
      'price of a reply with one viewer',
      'first frame over the bare path, p50',
    ])
  })
})
