import { expect, it } from 'vitest'
import { PROJECT_ROOT, readEnvironment } from '../../../cli/environment.ts'

it('has defaults for everything', () => {
  expect(readEnvironment({})).toEqual({
    url: undefined,
    token: undefined,
    stateDir: `${PROJECT_ROOT}/.sluice`,
    endpointUrl: undefined,
    region: 'us-east-1',
    colour: true,
    chromiumPath: undefined,
  })
})

it('takes what is set, and an empty variable as not set', () => {
  const environment = readEnvironment({
    SLUICE_URL: 'https://sluice.example',
    SLUICE_TOKEN: '',
    SLUICE_STATE_DIR: '/tmp/second',
    AWS_DEFAULT_REGION: 'eu-central-1',
    NO_COLOR: '1',
  })

  expect(environment).toMatchObject({
    url: 'https://sluice.example',
    token: undefined,
    stateDir: '/tmp/second',
    region: 'eu-central-1',
    colour: false,
  })
})
