import { describe, expect, it } from 'vitest'
import { benchResult } from '../../../bench/bench-result.ts'
import { report } from '../../../bench/report/report.ts'
import { BARE_MEASUREMENTS, measurements } from '../../helpers/bench.ts'

describe('report', () => {
  it('names the machine, the calls and the budgets', () => {
    const text = report(benchResult(measurements({ posts: 121 })))

    expect(text).toContain('Abacus, 2 cores')
    expect(text).toContain('1 viewer: 121 posts')
    expect(text).toMatch(/posts of a reply to one viewer +60 +121 +exceeded by 61/)
    expect(text).toMatch(/warm +1\.0 +2\.0 +3\.0 +4\.0 +5\.0 +6\.0/)
  })

  it('says what was not measured', () => {
    expect(report(benchResult(BARE_MEASUREMENTS))).toMatch(/first frame, warm, p50 +150\.0 ms +– +not measured/)
  })
})
