import { describe, expect, it } from 'vitest'
import { CONFIG, loadConfig } from '#shared/platform/config.ts'
import { ConfigError } from '#shared/platform/errors.ts'

const shape = { ...CONFIG.stage, ...CONFIG.executions, ...CONFIG.timeouts }

const complete = {
  SLUICE_STAGE: 'test',
  SLUICE_PLATFORM: 'sluice-test',
  AWS_REGION: 'eu-central-1',
  EXECUTIONS_TABLE: 'executions',
  EXECUTION_RETENTION_DAYS: '30',
  EXECUTION_TIMEOUT_SECONDS: '300',
  PROVIDER_TIMEOUT_SECONDS: '60.5',
}

const problemsOf = (environment: Record<string, string>): string => {
  try {
    loadConfig(shape, environment)
    return ''
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    return (error as ConfigError).message
  }
}

describe('loadConfig', () => {
  it('returns what was asked for, numbers as numbers', () => {
    const config = loadConfig(shape, { ...complete, HOME: '/root' })

    expect(config).toEqual({
      ...complete,
      EXECUTION_RETENTION_DAYS: 30,
      EXECUTION_TIMEOUT_SECONDS: 300,
      PROVIDER_TIMEOUT_SECONDS: 60.5,
    })
  })

  it('names every missing variable in one error', () => {
    const problems = problemsOf({})

    for (const name of Object.keys(complete)) expect(problems).toContain(name)
    expect(problems).not.toContain('AWS_ENDPOINT_URL')
  })

  it.each([
    ['an empty name', { EXECUTIONS_TABLE: '' }, 'EXECUTIONS_TABLE: is empty'],
    ['a timeout that is no number', { EXECUTION_TIMEOUT_SECONDS: 'soon' }, 'EXECUTION_TIMEOUT_SECONDS'],
    ['a timeout of nothing', { PROVIDER_TIMEOUT_SECONDS: '0' }, 'PROVIDER_TIMEOUT_SECONDS'],
  ])('refuses %s', (_what, wrong, problem) => {
    expect(problemsOf({ ...complete, ...wrong })).toContain(problem)
  })
})
