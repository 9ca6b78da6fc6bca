import { describe, expect, it } from 'vitest'
import { benchResult } from '../../../bench/bench-result.ts'
import { BARE_MEASUREMENTS, measurements } from '../../helpers/bench.ts'

describe('benchResult', () => {
  it('speaks of one viewer at the top, and of each number below', () => {
    const result = benchResult(measurements())

    expect(result).toMatchObject({ postsPerReply: 44, costPerReplyUsd: 0.000044, firstFrameRatio: 1.5, hotBundleBytes: 390_000 })
    expect(Object.keys(result.viewers ?? {})).toEqual(['0', '1'])
  })

  it('leaves out what was not measured', () => {
    const result = benchResult(BARE_MEASUREMENTS)

    expect(Object.keys(result).sort()).toEqual(['hotBundleBytes', 'hotBundleImportMs', 'machine'])
  })
})
