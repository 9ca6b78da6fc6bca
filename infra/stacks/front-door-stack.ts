import { existsSync } from 'node:fs'
import {
  AllowedMethods,
  type BehaviorOptions,
  CachePolicy,
  Distribution,
  Function as EdgeFunction,
  FunctionCode,
  FunctionEventType,
  FunctionRuntime,
  HttpVersion,
  type IOrigin,
  OriginRequestPolicy,
  type ResponseHeadersPolicy,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront'
import { FunctionUrlOrigin, HttpOrigin, S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins'
import { Alias, FunctionUrlAuthType, InvokeMode } from 'aws-cdk-lib/aws-lambda'
import { type IBucket, ObjectOwnership } from 'aws-cdk-lib/aws-s3'
import { Annotations, Aws, Duration } from 'aws-cdk-lib/core'
import type { Construct } from 'constructs'
import { OPENAI_ALIAS, OUTPUT } from '#shared/platform/names.ts'
import { FRONT_DOOR, SOCKET_STAGE } from '#shared/protocol/routes.ts'
import { socketAlias } from '#shared/protocol/socket-alias.ts'
import { acknowledge } from '../constructs/acknowledge.ts'
import { ConsoleDeployment } from '../constructs/console-deployment.ts'
import { privateBucket } from '../constructs/private-bucket.ts'
import { securityHeaders } from '../constructs/security-headers.ts'
import { SluiceStack } from '../constructs/sluice-stack.ts'
import type { StageConfig } from '../stage-config.ts'
import type { ApiStack } from './api-stack.ts'

export type FrontDoorStackProps = {
  config: StageConfig
  api: ApiStack
  /** Directory of the built console; when there is none, the door has no page yet. */
  consoleDirectory: string
}

/** SSE sends a comment every 15 seconds: an origin that is silent for longer is dead. */
const STREAM_READ_TIMEOUT_SECONDS = 60

/** Paths without a file extension are pages of the console, which has one file. Errors of the APIs are left alone. */
const REWRITE_TO_INDEX = `function handler(event) {
  var request = event.request
  if (request.uri.split('/').pop().indexOf('.') === -1) request.uri = '/index.html'
  return request
}`

/** Other addresses of the socket become its own, with a query. Whatever is none of them stays what it is, and nothing answers there. */
const REWRITE_SOCKET_ALIAS = `${socketAlias.toString()}
function handler(event) {
  var request = event.request
  var alias = socketAlias(request.uri)
  if (alias) {
    request.uri = '/${SOCKET_STAGE}'
    for (var name in alias) request.querystring[name] = { value: alias[name] }
  }
  return request
}`

/** One origin for everything: console, HTTP, WebSocket and SSE, made from the route map that the local front door uses too. */
export class FrontDoorStack extends SluiceStack {
  constructor(scope: Construct, props: FrontDoorStackProps) {
    super(scope, 'FrontDoor', props.config, 'Sluice: one origin for console and doors')
    const { config, api, consoleDirectory } = props
    const headers = securityHeaders(this, 'SecurityHeaders')
    const logs = this.createLogBucket(config)
    const console = privateBucket(this, 'Console', config, { serverAccessLogsBucket: logs, serverAccessLogsPrefix: 'console/' })

    const distribution = new Distribution(this, 'Distribution', {
      comment: `Sluice ${config.stage}`,
      httpVersion: HttpVersion.HTTP2_AND_3,
      defaultRootObject: 'index.html',
      defaultBehavior: this.pages(console, headers),
      additionalBehaviors: {
        ...behaviors(FRONT_DOOR.http, door(httpOrigin(api.httpApi.apiId), headers)),
        ...behaviors(FRONT_DOOR.socket, this.withAliases(door(httpOrigin(api.socketApi.apiId), headers))),
        ...behaviors(FRONT_DOOR.streams, door(streamOrigin(api), headers)),
        ...(config.openaiDoor && behaviors(FRONT_DOOR.openai, door(this.openAiOrigin(api), headers))),
      },
      enableLogging: true,
      logBucket: logs,
      logFilePrefix: 'distribution/',
    })
    acknowledge(distribution, {
      'AwsSolutions-CFR1': 'who may call is decided by tokens, not by country',
      'AwsSolutions-CFR2':
        'a web application firewall costs by the month and is the choice of the account; API stages are throttled',
      'AwsSolutions-CFR4': 'the certificate of cloudfront.net fixes the TLS policy; a domain of your own brings its certificate',
    })
    this.deployConsole(consoleDirectory, console, distribution)

    this.output(OUTPUT.frontDoorUrl, `https://${distribution.distributionDomainName}`)
    this.output(OUTPUT.consoleBucket, console.bucketName)
  }

  private createLogBucket(config: StageConfig): IBucket {
    return privateBucket(this, 'AccessLogs', config, {
      // CloudFront delivers its logs with an ACL.
      objectOwnership: ObjectOwnership.OBJECT_WRITER,
      lifecycleRules: [{ expiration: Duration.days(90) }],
    })
  }

  private pages(bucket: IBucket, responseHeadersPolicy: ResponseHeadersPolicy): BehaviorOptions {
    const rewrite = new EdgeFunction(this, 'RewriteToIndex', {
      comment: 'Pages of the console are one file',
      code: FunctionCode.fromInline(REWRITE_TO_INDEX),
      runtime: FunctionRuntime.JS_2_0,
    })
    return {
      origin: S3BucketOrigin.withOriginAccessControl(bucket),
      viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
      cachePolicy: CachePolicy.CACHING_OPTIMIZED,
      responseHeadersPolicy,
      functionAssociations: [{ function: rewrite, eventType: FunctionEventType.VIEWER_REQUEST }],
    }
  }

  private withAliases(options: BehaviorOptions): BehaviorOptions {
    const rewrite = new EdgeFunction(this, 'RewriteSocketAlias', {
      comment: 'The socket has one address, which takes the rest as a query',
      code: FunctionCode.fromInline(REWRITE_SOCKET_ALIAS),
      runtime: FunctionRuntime.JS_2_0,
    })
    return { ...options, functionAssociations: [{ function: rewrite, eventType: FunctionEventType.VIEWER_REQUEST }] }
  }

  /**
   * Clients of OpenAI's API show their key as `Authorization`, which a signature would replace, and do not send the hash of a body, which one needs. So
   * this origin is not signed for: as at the HTTP API, whose address is public too, the handler looks at tokens itself, and under this name it
   * serves nothing else.
   */
  private openAiOrigin({ streamFunction }: ApiStack): IOrigin {
    const alias = new Alias(this, 'OpenAiAlias', { aliasName: OPENAI_ALIAS, version: streamFunction.latestVersion })
    const url = alias.addFunctionUrl({ authType: FunctionUrlAuthType.NONE, invokeMode: InvokeMode.RESPONSE_STREAM })
    return new FunctionUrlOrigin(url, { readTimeout: Duration.seconds(STREAM_READ_TIMEOUT_SECONDS) })
  }

  private deployConsole(directory: string, bucket: IBucket, distribution: Distribution): void {
    if (existsSync(directory)) {
      new ConsoleDeployment(this, 'ConsoleDeployment', { directory, bucket, distribution })
      return
    }
    Annotations.of(this).addWarningV2(
      'sluice:console-not-built',
      'the front door gets no console: run "npm run build:console" first, then deploy again',
    )
  }
}

const behaviors = (paths: readonly string[], options: BehaviorOptions): Record<string, BehaviorOptions> =>
  Object.fromEntries(paths.map((path) => [path, options]))

/**
 * A door to an API: nothing is cached, and every header but `Host` reaches it, `Authorization` and `Sec-WebSocket-*` included. Where the
 * origin is signed for, the signature takes the place of `Authorization`: that is why SSE takes tickets, and tokens in a header of their own.
 */
function door(origin: IOrigin, responseHeadersPolicy: ResponseHeadersPolicy): BehaviorOptions {
  return {
    origin,
    viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
    allowedMethods: AllowedMethods.ALLOW_ALL,
    cachePolicy: CachePolicy.CACHING_DISABLED,
    originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
    responseHeadersPolicy,
    compress: false,
  }
}

/** HTTP and WebSocket APIs share a host name pattern; the stage of the WebSocket API is named like its path, so nothing is rewritten. */
const httpOrigin = (apiId: string): IOrigin => new HttpOrigin(`${apiId}.execute-api.${Aws.REGION}.${Aws.URL_SUFFIX}`)

const streamOrigin = (api: ApiStack): IOrigin =>
  FunctionUrlOrigin.withOriginAccessControl(api.streamUrl, { readTimeout: Duration.seconds(STREAM_READ_TIMEOUT_SECONDS) })
