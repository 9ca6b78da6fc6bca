import { AttributeType, BillingMode, ProjectionType, StreamViewType, Table } from 'aws-cdk-lib/aws-dynamodb'
import type { ManagedPolicy } from 'aws-cdk-lib/aws-iam'
import type { IBucket } from 'aws-cdk-lib/aws-s3'
import { Secret } from 'aws-cdk-lib/aws-secretsmanager'
import { Duration } from 'aws-cdk-lib/core'
import type { Construct } from 'constructs'
import { INDEX, OUTPUT, tokenSecretName, webhookSecretName } from '#shared/platform/names.ts'
import { acknowledge } from '../constructs/acknowledge.ts'
import { artifactsPolicy } from '../constructs/artifacts-policy.ts'
import { auditBucket } from '../constructs/audit-bucket.ts'
import { erasurePolicy } from '../constructs/erasure-policy.ts'
import { privateBucket } from '../constructs/private-bucket.ts'
import { removalPolicy } from '../constructs/removal.ts'
import { SluiceStack } from '../constructs/sluice-stack.ts'
import type { StageConfig } from '../stage-config.ts'

/** What must survive everything else: tables, artifacts, the key that signs tokens. */
export class DataStack extends SluiceStack {
  /** Agents and what finds them, topics, webhooks, API keys, erasures. */
  readonly registry: Table
  /** Executions, batches, conversations, deliveries, counters, answers that are given again. */
  readonly executions: Table
  /** Stream log, connections, subscriptions, tickets, buckets of rates: what passes, so there is nothing to restore. */
  readonly streams: Table
  /** Who did what. Nobody changes or removes what stands there but the erasure of a tenant, and time. */
  readonly audit: Table
  /** Days of the audit log as files. */
  readonly auditExports: IBucket
  /** Lets a function write and read them. */
  readonly writeAuditExports: ManagedPolicy
  /** Payloads that are too large for an item. */
  readonly artifacts: IBucket
  /** Lets a function read them, or read and write them. */
  readonly readArtifacts: ManagedPolicy
  readonly writeArtifacts: ManagedPolicy
  /** Lets a function erase what tenants have in both buckets. */
  readonly eraseObjects: ManagedPolicy
  /** 64 characters that sign and verify access tokens. */
  readonly tokenSecret: Secret
  /** 64 characters from which the keys of callbacks and webhooks follow, one for each tenant. */
  readonly webhookSecret: Secret

  constructor(scope: Construct, config: StageConfig) {
    super(scope, 'Data', config, 'Sluice: tables, artifacts and the token key')
    this.registry = this.createTable('RegistryTable', config, { kept: true })
    this.executions = this.createTable('ExecutionsTable', config, { kept: true })
    addDueIndex(this.registry)
    addDueIndex(this.executions)
    addListIndexes(this.executions)
    this.streams = this.createTable('StreamsTable', config, { kept: false })
    acknowledge(this.streams, {
      'AwsSolutions-DDB3':
        'what passes: events for hours, connections, tickets, rates; a restored copy would be of a moment that is over',
    })
    this.audit = this.createTable('AuditTable', config, { kept: true })
    this.auditExports = auditBucket(this, config)
    this.writeAuditExports = artifactsPolicy(this, 'WriteAuditExports', this.auditExports, 'write')
    this.artifacts = this.createArtifactsBucket(config)
    this.readArtifacts = artifactsPolicy(this, 'ReadArtifacts', this.artifacts, 'read')
    this.writeArtifacts = artifactsPolicy(this, 'WriteArtifacts', this.artifacts, 'write')
    this.eraseObjects = erasurePolicy(this, 'EraseObjects', [this.artifacts, this.auditExports])
    this.tokenSecret = this.createTokenSecret(config)
    this.webhookSecret = this.createWebhookSecret(config)

    this.output(OUTPUT.registryTable, this.registry.tableName)
    this.output(OUTPUT.executionsTable, this.executions.tableName)
    this.output(OUTPUT.streamsTable, this.streams.tableName)
    this.output(OUTPUT.auditTable, this.audit.tableName)
    this.output(OUTPUT.auditBucket, this.auditExports.bucketName)
    this.output(OUTPUT.artifactsBucket, this.artifacts.bucketName)
    this.output(OUTPUT.tokenSecretName, tokenSecretName(config.platform))
  }

  /** @param options.kept - it can be restored */
  private createTable(id: string, config: StageConfig, { kept }: { kept: boolean }): Table {
    return new Table(this, id, {
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      timeToLiveAttribute: 'expiresAt',
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: kept },
      stream: StreamViewType.NEW_AND_OLD_IMAGES,
      deletionProtection: config.stage === 'prod',
      removalPolicy: removalPolicy(config),
    })
  }

  private createArtifactsBucket(config: StageConfig): IBucket {
    const accessLogs = privateBucket(this, 'ArtifactsAccessLogs', config, { lifecycleRules: [{ expiration: Duration.days(90) }] })
    return privateBucket(this, 'Artifacts', config, {
      serverAccessLogsBucket: accessLogs,
      lifecycleRules: [{ expiration: Duration.days(30), abortIncompleteMultipartUploadAfter: Duration.days(1) }],
    })
  }

  private createTokenSecret(config: StageConfig): Secret {
    const secret = new Secret(this, 'TokenSecret', {
      secretName: tokenSecretName(config.platform),
      description: 'Signs and verifies access tokens of Sluice (HS256)',
      generateSecretString: { passwordLength: 64, excludePunctuation: true },
      removalPolicy: removalPolicy(config),
    })
    acknowledge(secret, {
      'AwsSolutions-SMG4':
        'whoever signs tokens has a copy; the key is changed with them, as docs/runbook.md says, not on a timer',
    })
    return secret
  }

  private createWebhookSecret(config: StageConfig): Secret {
    const secret = new Secret(this, 'WebhookSecret', {
      secretName: webhookSecretName(config.platform),
      description: 'Signs callbacks and webhooks of Sluice (HMAC-SHA256)',
      generateSecretString: { passwordLength: 64, excludePunctuation: true },
      removalPolicy: removalPolicy(config),
    })
    acknowledge(secret, {
      'AwsSolutions-SMG4': 'whoever verifies has a key that follows from it; it is changed with them, as docs/runbook.md says',
    })
    return secret
  }
}

/** What the sweeper must look at, by time. Sparse: items without the attributes are not in it. */
function addDueIndex(table: Table): void {
  table.addGlobalSecondaryIndex({
    indexName: INDEX.due,
    partitionKey: { name: 'dueShard', type: AttributeType.STRING },
    sortKey: { name: 'dueAt', type: AttributeType.NUMBER },
    projectionType: ProjectionType.KEYS_ONLY,
  })
}

/** The lists of executions by time of creation: of an agent, a tenant, a topic, a correlation. The sort key is the same in all of them. */
function addListIndexes(table: Table): void {
  for (const indexName of [INDEX.agent, INDEX.tenant, INDEX.topic, INDEX.correlation]) {
    table.addGlobalSecondaryIndex({
      indexName,
      partitionKey: { name: `${indexName}Pk`, type: AttributeType.STRING },
      sortKey: { name: 'agentSk', type: AttributeType.STRING },
      projectionType: ProjectionType.KEYS_ONLY,
    })
  }
}
