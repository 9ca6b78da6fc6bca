import { describe, expect, it } from 'vitest'
import { connectionsEndpoint } from '#shared/platform/connections-endpoint.ts'

const api = { apiId: 'a1b2c3', region: 'eu-central-1' }

describe('connectionsEndpoint', () => {
  it('is the address of AWS', () => {
    expect(connectionsEndpoint(api)).toBe('https://a1b2c3.execute-api.eu-central-1.amazonaws.com/socket')
  })

  it.each(['http://localhost:4566', 'http://localhost:4566/', 'http://localhost:4566//'])(
    'is a path of the local cloud %s',
    (endpointUrl) => {
      expect(connectionsEndpoint({ ...api, endpointUrl })).toBe('http://localhost:4566/_aws/execute-api/a1b2c3/socket')
    },
  )

  it.each([undefined, ''])('is the address of AWS when the endpoint is %j', (endpointUrl) => {
    expect(connectionsEndpoint({ ...api, endpointUrl })).toContain('.amazonaws.com')
  })
})
