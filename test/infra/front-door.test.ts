import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { OPENAI_ALIAS } from '#shared/platform/names.ts'
import { FRONT_DOOR, SOCKET_STAGE } from '#shared/protocol/routes.ts'
import { resourcesOf } from '../helpers/templates.ts'

type Behavior = {
  PathPattern: string
  TargetOriginId: string
  ViewerProtocolPolicy: string
  CachePolicyId: string
  OriginRequestPolicyId: string
  FunctionAssociations?: { FunctionARN: { 'Fn::GetAtt': string[] } }[]
}
type Origin = { Id: string; DomainName: unknown; OriginAccessControlId?: unknown; S3OriginConfig?: unknown }
type DistributionConfig = {
  CacheBehaviors: Behavior[]
  DefaultCacheBehavior: Behavior
  Origins: Origin[]
  CustomErrorResponses?: unknown
  Logging: unknown
}

/** Managed policies: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html */
const ALL_VIEWER_EXCEPT_HOST_HEADER = 'b689b0a8-53d0-40ab-baf2-68738e2966ac'
const CACHING_DISABLED = '4135ea2d-6df8-44a3-9df3-4b5a84be39ad'

/**
 * Syntax that cannot be published: destructuring, spread, optional chaining, `??`, `for…of`, classes.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-javascript-runtime-20.html
 */
const YOUNGER_THAN_THE_EDGE = /\b(const|let|var)\s*[[{]|\.\.\.|\?\.[^\d]|\?\?|\bfor\s*\([^)]*\bof\b|\bclass\s/

/** With every door that there is. */
const WHOLE = 'prod-in-account'

describe('front door', () => {
  const [found] = resourcesOf(WHOLE, 'AWS::CloudFront::Distribution')
  const distribution = found?.properties.DistributionConfig as DistributionConfig
  const originOf = (path: string): Origin | undefined => {
    const behavior = distribution.CacheBehaviors.find(({ PathPattern }) => PathPattern === path)
    return distribution.Origins.find(({ Id }) => Id === behavior?.TargetOriginId)
  }

  it('is not part of the stage local', () => {
    expect(resourcesOf('local', 'AWS::CloudFront::Distribution')).toEqual([])
  })

  it('has the paths of the route map', () => {
    const paths = distribution.CacheBehaviors.map(({ PathPattern }) => PathPattern)

    const { console: _, ...doors } = FRONT_DOOR
    expect(paths.toSorted()).toEqual(Object.values(doors).flat().toSorted())
  })

  it('sends each path to its door', () => {
    const domains = (paths: readonly string[]) => paths.map((path) => JSON.stringify(originOf(path)?.DomainName))

    expect(domains(FRONT_DOOR.http).every((domain) => domain.includes('HttpApi') && domain.includes('execute-api'))).toBe(true)
    expect(domains(FRONT_DOOR.socket).every((domain) => domain.includes('SocketApi') && domain.includes('execute-api'))).toBe(
      true,
    )
    expect(domains(FRONT_DOOR.streams).every((domain) => domain.includes('StreamFunction'))).toBe(true)
    expect(domains(FRONT_DOOR.openai).every((domain) => domain.includes('OpenAiAlias'))).toBe(true)
  })

  it('passes every header but Host to the doors, and caches nothing of them', () => {
    for (const behavior of distribution.CacheBehaviors) {
      expect(behavior).toMatchObject({
        CachePolicyId: CACHING_DISABLED,
        OriginRequestPolicyId: ALL_VIEWER_EXCEPT_HOST_HEADER,
        ViewerProtocolPolicy: 'https-only',
      })
    }
  })

  it('signs for the SSE function and the bucket, and for nothing else', () => {
    const signed = distribution.Origins.filter(({ OriginAccessControlId }) => OriginAccessControlId !== undefined)

    expect(signed.map(({ Id }) => Id).toSorted()).toEqual(
      [distribution.DefaultCacheBehavior.TargetOriginId, originOf(FRONT_DOOR.streams[0])?.Id].toSorted(),
    )
  })

  it('asks for no signature where a client shows its own key, under a name of its own', () => {
    const urls = resourcesOf(WHOLE, 'AWS::Lambda::Url').map(({ properties }) => [properties.AuthType, properties.Qualifier])
    const [alias] = resourcesOf(WHOLE, 'AWS::Lambda::Alias')

    expect(urls).toHaveLength(2)
    expect(urls).toEqual(
      expect.arrayContaining([
        ['AWS_IAM', undefined],
        ['NONE', OPENAI_ALIAS],
      ]),
    )
    expect(alias?.properties).toMatchObject({ Name: OPENAI_ALIAS, FunctionVersion: '$LATEST' })
  })

  it('has no address without a signature unless that door is asked for', () => {
    const [without] = resourcesOf('prod', 'AWS::CloudFront::Distribution')
    const behaviors = (without?.properties.DistributionConfig as DistributionConfig | undefined)?.CacheBehaviors ?? []

    expect(resourcesOf('prod', 'AWS::Lambda::Url').map(({ properties }) => properties.AuthType)).toEqual(['AWS_IAM'])
    expect(resourcesOf('prod', 'AWS::Lambda::Alias')).toEqual([])
    expect(behaviors.map(({ PathPattern }) => PathPattern)).toEqual(expect.arrayContaining([...FRONT_DOOR.http]))
    expect(behaviors.map(({ PathPattern }) => PathPattern)).not.toContain(FRONT_DOOR.openai[0])
  })

  it('answers pages from one file without touching errors of the APIs', () => {
    expect(distribution.DefaultCacheBehavior.FunctionAssociations).toHaveLength(1)
    expect(distribution.CustomErrorResponses).toBeUndefined()
  })

  it('writes logs', () => {
    expect(distribution.Logging).toBeDefined()
  })

  it('finds the WebSocket API under the path that is its stage', () => {
    const stages = resourcesOf('prod', 'AWS::ApiGatewayV2::Stage').map(({ properties }) => properties.StageName)

    expect(FRONT_DOOR.socket).toContain(`/${SOCKET_STAGE}`)
    expect(stages).toContain(SOCKET_STAGE)
  })

  describe('other addresses of the socket', () => {
    type Request = { uri: string; querystring: Record<string, { value: string }> }
    const functionOf = (path: string): string => {
      const behavior = distribution.CacheBehaviors.find(({ PathPattern }) => PathPattern === path)
      const [id] = behavior?.FunctionAssociations?.[0]?.FunctionARN['Fn::GetAtt'] ?? []
      const code = resourcesOf('prod', 'AWS::CloudFront::Function').find((each) => each.id === id)?.properties.FunctionCode
      return String(code)
    }
    /** What CloudFront passes on. */
    const rewritten = (uri: string, querystring: Request['querystring'] = {}): Request =>
      runInNewContext(`${functionOf('/ws/*')}; handler({ request: ${JSON.stringify({ uri, querystring })} })`) as Request

    it.each([
      ['/ws', {}],
      ['/ws/health', { endpoint: { value: 'health' } }],
      ['/ws/agent-stream/abc-123', { executionId: { value: 'abc-123' }, view: { value: 'flat' } }],
    ])('%s is the socket with a query', (path, query) => {
      const ticket = { ticket: { value: 't' } }

      expect(rewritten(path, ticket)).toEqual({ uri: `/${SOCKET_STAGE}`, querystring: { ...ticket, ...query } })
    })

    it('are rewritten in the JavaScript that CloudFront has', () => {
      const functions = resourcesOf('prod', 'AWS::CloudFront::Function')

      expect(functions).toHaveLength(2)
      for (const { properties } of functions) {
        expect(properties.FunctionConfig).toMatchObject({ Runtime: 'cloudfront-js-2.0' })
        expect(properties.FunctionCode).not.toMatch(YOUNGER_THAN_THE_EDGE)
      }
    })

    it('are all that is rewritten', () => {
      expect(rewritten('/ws/a/b')).toEqual({ uri: '/ws/a/b', querystring: {} })
      expect(functionOf('/ws')).toBe(functionOf('/ws/*'))
    })
  })
})
