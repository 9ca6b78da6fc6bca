import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { LocalCloudError } from '../../../localstack/local-cloud-error.ts'
import { parseStartOptions } from '../../../localstack/start-options.ts'

describe('parseStartOptions', () => {
  it('has a default for everything', () => {
    expect(parseStartOptions([])).toEqual({
      port: 8787,
      emulatorPort: 4566,
      llmPort: 4577,
      stateDir: resolve('.sluice'),
      reset: false,
      help: false,
    })
  })

  it('takes ports and a state directory for a second copy', () => {
    const options = parseStartOptions([
      '--port',
      '8797',
      '--emulator-port',
      '4567',
      '--llm-port',
      '4578',
      '--state-dir',
      'x',
      '--reset',
    ])
    expect(options).toEqual({ port: 8797, emulatorPort: 4567, llmPort: 4578, stateDir: resolve('x'), reset: true, help: false })
  })

  it.each([
    { args: ['--port', 'abc'], named: '--port "abc"' },
    { args: ['--llm-port', '0'], named: '--llm-port "0"' },
    { args: ['--emulator-port', '65536'], named: '--emulator-port "65536"' },
    { args: ['--prot', '1'], named: '--prot' },
    { args: ['extra'], named: 'extra' },
    { args: ['--port', '4566'], named: 'two ports are the same' },
  ])('refuses $args and says what is wrong', ({ args, named }) => {
    expect(() => parseStartOptions(args)).toThrow(LocalCloudError)
    expect(() => parseStartOptions(args)).toThrow(named)
  })
})
