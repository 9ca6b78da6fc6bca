import { describe, expect, it } from 'vitest'
import { inputLoader } from '../../../../functions/execute/input-loader.ts'
import { anExecution } from '../../../helpers/executions.ts'

describe('inputLoader', () => {
  it('hands out what travelled with the execution', async () => {
    const load = inputLoader('artifacts')

    expect(await load(anExecution({ input: { content: 'small' } }))).toEqual({ content: 'small' })
  })

  it('never reads the input of another tenant', async () => {
    const load = inputLoader('artifacts')

    await expect(load(anExecution({ tenant: 'acme', inputRef: 'T/other/inputs/1' }))).rejects.toMatchObject({ code: 'forbidden' })
  })
})
