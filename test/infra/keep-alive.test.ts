import { describe, expect, it } from 'vitest'
import { KEEP_ALIVE_PONG } from '#shared/protocol/keep-alive.ts'
import { serverFrameSchema } from '#shared/protocol/socket-frame.ts'
import { resourcesOf } from '../helpers/templates.ts'

describe('the ping that keeps a connection open', () => {
  const resources = resourcesOf('prod').map(({ id, type, properties }) => ({ id, type, properties }))
  const of = (type: string) => resources.filter((resource) => resource.type === `AWS::ApiGatewayV2::${type}`)
  const mock = of('Integration').find(({ properties }) => properties.IntegrationType === 'MOCK')
  const route = of('Route').find(({ properties }) => properties.RouteKey === KEEP_ALIVE_PONG.response_to)

  it('is known by its id, and answered by no function', () => {
    const [api] = of('Api').filter(({ properties }) => properties.ProtocolType === 'WEBSOCKET')

    expect(api?.properties.RouteSelectionExpression).toBe('$request.body.id')
    expect(JSON.stringify(route?.properties.Target)).toContain(mock?.id)
    expect(mock?.properties).not.toHaveProperty('IntegrationUri')
  })

  it('is answered with a pong to it', () => {
    const [response] = of('IntegrationResponse')
    const [routeResponse] = of('RouteResponse')

    expect(response?.properties.IntegrationId).toEqual({ Ref: mock?.id })
    const [text = ''] = Object.values({ ...(response?.properties.ResponseTemplates as Record<string, string>) })
    expect(serverFrameSchema.parse(JSON.parse(text))).toEqual(KEEP_ALIVE_PONG)
    expect(routeResponse?.properties).toMatchObject({ RouteId: { Ref: route?.id }, RouteResponseKey: '$default' })
    expect(route?.properties.RouteResponseSelectionExpression).toBe('$default')
  })

  it('is answered locally by what the local cloud adds: the emulator refuses these resources', () => {
    const local = resourcesOf('local').map(({ type }) => type)

    expect(local).not.toContain('AWS::ApiGatewayV2::IntegrationResponse')
    expect(local).not.toContain('AWS::ApiGatewayV2::RouteResponse')
    expect(local.filter((type) => type === 'AWS::ApiGatewayV2::Route').length).toBe(
      resourcesOf('prod').filter(({ type }) => type === 'AWS::ApiGatewayV2::Route').length,
    )
  })
})
