/**
 * Takes the pictures of the console for README.md, on the fake front door.
 *
 *   npm run build:console && node test/browser/screenshots.ts              those of the documents
 *   npm run build:console && node test/browser/screenshots.ts /tmp/shots   every screen, to look at
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import type { Agent } from '#shared/protocol/agent.ts'
import type { ApiKey, ApiKeyList, CreatedApiKey } from '#shared/protocol/api-key.ts'
import type { ApprovalList } from '#shared/protocol/approval.ts'
import type { AuditList, AuditRecord, AuditVerification } from '#shared/protocol/audit.ts'
import type { BudgetState } from '#shared/protocol/budget.ts'
import type { DeadLetter } from '#shared/protocol/dead-letter.ts'
import type { LifecycleEvent, LifecycleEventType } from '#shared/protocol/lifecycle-event.ts'
import type { NamedVirtualModel } from '#shared/protocol/model.ts'
import type { PromptPreview } from '#shared/protocol/prompt.ts'
import type { ProviderList } from '#shared/protocol/provider.ts'
import { ROLES, type Role } from '#shared/protocol/scopes.ts'
import type { StreamEventBody } from '#shared/protocol/stream-event.ts'
import openApi from '../../functions/http/openapi.json' with { type: 'json' }
import { type FakeFrontDoor, type ScriptStep, startFakeFrontDoor } from '../helpers/fake-front-door.ts'
import { launchChromium } from './chromium.ts'

const ROOT = join(import.meta.dirname, '../..')
const everything = process.argv[2]
const folder = everything ?? join(ROOT, 'docs/images')
const DOCUMENTED = [
  'light',
  'dark',
  'narrow',
  'topic-light',
  'agents-light',
  'events-light',
  'api-light',
  'audit-light',
  'steps-light',
  'playground-light',
  'models-light',
  'approvals-light',
]

const TIME = '2026-11-21T09:30:00.000Z'

const agent = (agentId: string, name: string, description: string, topics: string[], model: string): Agent => ({
  agentId,
  name,
  description,
  kind: 'llm',
  status: 'running',
  health: 'healthy',
  topics,
  maxConcurrency: 10,
  maxQueue: 10_000,
  llm: { provider: 'openai', model },
  prompts: {},
  version: 1,
  revision: 1,
  createdAt: TIME,
  updatedAt: TIME,
})

const AGENTS = [
  agent('assistant', 'Assistant', 'Answers questions in a few short paragraphs.', ['questions'], 'scripted-1'),
  agent(
    'triage',
    'Ticket triage',
    'Reads new tickets and says who should look at them, and how soon.',
    ['tickets.opened'],
    'gpt-4.1-mini',
  ),
  {
    ...agent('reviewer', 'Reviewer', 'Reads what others have written.', ['drafts'], 'gpt-4.1'),
    status: 'paused',
    health: 'unhealthy',
    healthDetail:
      'authentication_error: the secret "sluice-prod-openai-secret" does not exist or is empty; create it in Secrets Manager',
  },
] satisfies Agent[]

const letter = (id: string, overrides: Partial<DeadLetter>): DeadLetter => ({
  queue: 'ingress',
  id,
  code: 'not_found',
  detail: 'agent "billing" does not exist',
  messageId: `0198c7de-${id}`,
  time: TIME,
  receiveCount: 1,
  body: '{"ticket":4711,"subject":"Invoice is wrong"}',
  ...overrides,
})

const DEAD_LETTERS = [
  letter('l-1', { agentId: 'billing' }),
  letter('l-2', {
    code: 'validation_error',
    detail: 'the message needs either "topic" or "to"; other JSON needs the message attribute "topic"',
    body: `{"order":1,"items":[${Array.from({ length: 60 }, (_none, index) => `"item-${index}"`).join(',')}`,
    truncated: true,
  }),
  letter('l-3', {
    queue: 'work',
    code: 'gave_up',
    detail: 'it was delivered several times in vain; the log of the function says why',
    executionId: '5f0c1a52-7f6e-5d0c-9f3a-2b1d6a2f9b7e',
    agentId: 'assistant',
    body: '{"tenant":"default","executionId":"5f0c1a52-7f6e-5d0c-9f3a-2b1d6a2f9b7e","agentId":"assistant"}',
  }),
]

const EXECUTION = '0198f2a4-77b1-7d02-9c7e-5a8f0c1d2e3f'
const TICKET = { executionId: EXECUTION, agentId: 'triage', messageId: '0198c7de-4711', topic: 'tickets.opened' }
const PROVIDER_ERROR = { code: 'provider_error', detail: 'the provider answered 500' }

/** A ticket that is triaged at the second attempt, and an agent that is not well: what happened, after how many milliseconds. */
const HAPPENED: [number, LifecycleEventType, LifecycleEvent['data']][] = [
  [0, 'connection.opened', { connectionId: 'c-1', subject: 'ada', protocol: 'sluice.v1' }],
  [4_210, 'execution.queued', { ...TICKET, priority: 5 }],
  [4_388, 'execution.started', { ...TICKET, attempt: 1 }],
  [4_391, 'message.received', { ...TICKET, attempt: 1 }],
  [5_120, 'message.failed', { ...TICKET, attempt: 1, final: false, error: PROVIDER_ERROR }],
  [5_121, 'execution.retrying', { ...TICKET, attempt: 1, nextAttempt: 2, retryAt: '2026-11-21T09:30:06.121Z' }],
  [7_902, 'execution.completed', { ...TICKET, attempt: 2, durationMs: 3_514, usage: { inputTokens: 48, outputTokens: 171 } }],
  [7_903, 'message.processed', { ...TICKET, attempt: 2, processingMs: 3_514 }],
  [9_600, 'agent.paused', { agentId: 'reviewer', status: 'paused' }],
]

const ANSWER = `A sluice is a gate that lets water through at a rate somebody chose. Raise it a little and a thin sheet runs under the edge; raise it more and the channel fills. What matters is that nothing is lost on the way: every litre that enters above leaves below, in the order it came.

Streams of tokens have the same problem. A model produces them in bursts, and the network between drops, repeats and delays. So each event here carries a number:

  1. it is written to a log before anyone sees it,
  2. it is sent to everybody who listens,
  3. and whoever was away asks again from the last number they have.

The last event says how many there were, and gives a fingerprint of the whole text. When both fit, the answer is complete.`

const SHA256 = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'

const record = (seconds: number, action: string, resource: string, overrides: Partial<AuditRecord> = {}): AuditRecord => ({
  auditId: `0198f2a4-77b1-7d02-9c7e-${String(seconds).padStart(12, '0')}`,
  time: new Date(Date.parse(TIME) - seconds * 1_000).toISOString(),
  subject: 'ada',
  credential: { kind: 'token' },
  door: 'http',
  action,
  resource,
  outcome: 'accepted',
  status: 200,
  address: '203.0.113.7',
  requestId: `req-${seconds}`,
  durationMs: 12,
  requestSha256: SHA256,
  afterSha256: SHA256,
  ...overrides,
})

const AUDIT: AuditList = {
  records: [
    record(4, 'pauseAgent', '/v1/agents/reviewer'),
    record(31, 'agent_request', '/v1/agents/triage', { door: 'socket', credential: { kind: 'ticket' }, subject: 'grace' }),
    record(58, 'updateAgent', '/v1/agents/triage', { beforeSha256: SHA256 }),
    record(75, 'createApiKey', '/v1/api-keys', { status: 201 }),
    record(140, 'deleteAgent', '/v1/agents/assistant', {
      subject: 'api-key:Zx81kQ0pLm42Ab7d',
      credential: { kind: 'api_key', id: 'Zx81kQ0pLm42Ab7d' },
      outcome: 'refused',
      status: 403,
      code: 'forbidden',
    }),
    record(300, 'redriveDeadLetters', '/v1/dead-letters/redrive'),
  ],
  next: 'older',
}

const VERIFICATION: AuditVerification = {
  day: '2026-11-21',
  intact: true,
  records: 214,
  seals: 37,
  fresh: 1,
  findings: [],
  found: 0,
}

const apiKey = (keyId: string, name: string, role: Role, overrides: Partial<ApiKey> = {}): ApiKey => ({
  keyId,
  name,
  subject: `api-key:${keyId}`,
  roles: [role],
  scopes: [...ROLES[role]],
  createdBy: 'ada',
  createdAt: TIME,
  ...overrides,
})

const KEYS: ApiKeyList = {
  apiKeys: [
    apiKey('Zx81kQ0pLm42Ab7d', 'Ticket import', 'user', { lastUsedAt: TIME, expiresAt: '2027-02-19T09:30:00.000Z' }),
    apiKey('b7Hq2Wv93TnE5cRs', 'Prometheus', 'viewer', { lastUsedAt: TIME }),
    apiKey('m0Kd8Yf16GpJ4uXz', 'Trial of the spring', 'developer', { expiresAt: '2026-05-01T00:00:00.000Z' }),
  ],
}

const HOUR_MS = 3_600_000
const hoursAgo = (hours: number): string => new Date(Date.now() - hours * HOUR_MS).toISOString()

const PROVIDERS: ProviderList = {
  providers: [
    {
      provider: 'openai',
      service: 'openai',
      secret: { name: 'sluice-prod-openai-secret', status: 'present' },
      keys: [
        { fingerprint: '4be1c09d77a2', lastUsedAt: hoursAgo(0.1), requestsPerMinute: 500 },
        { fingerprint: '91f03ac8e5d6', cooldownUntil: hoursAgo(-0.2), reason: 'rate_limit', lastUsedAt: hoursAgo(0.3) },
      ],
      breaker: { state: 'closed', failures: 0 },
      latency: {
        calls: 1_284,
        errors: 7,
        p50Ms: 420,
        p90Ms: 1_310,
        hours: [20, 19, 17, 12, 8, 7, 6, 5, 4, 3, 2, 1, 0].map((hours) => ({
          time: hoursAgo(hours),
          calls: 90 + hours,
          errors: hours % 5 === 0 ? 2 : 0,
          p50Ms: 300 + ((hours * 97) % 400),
          p90Ms: 1_200,
        })),
      },
      spend: { todayMicroUsd: 3_481_200, priced: true },
    },
    {
      provider: 'anthropic',
      service: 'anthropic-eu',
      secret: { name: 'sluice-prod-anthropic-eu-secret', status: 'missing' },
      keys: [],
      breaker: { state: 'open', failures: 5, model: 'claude-sonnet-5', openUntil: hoursAgo(-0.01) },
      latency: { calls: 5, errors: 5, hours: [] },
      spend: { todayMicroUsd: 0, priced: false },
    },
  ],
}

const BUDGETS: { budgets: BudgetState[] } = {
  budgets: [
    {
      budgetId: 'everything',
      scope: {},
      period: 'month',
      warnAtPercent: 80,
      action: 'stop',
      limitMicroUsd: 200_000_000,
      spentMicroUsd: 61_250_000,
      reservedMicroUsd: 0,
      leftMicroUsd: 138_750_000,
      percent: 30.6,
      renewsAt: '2026-12-01T00:00:00.000Z',
    },
    {
      budgetId: 'triage-daily',
      scope: { agentId: 'triage' },
      period: 'day',
      warnAtPercent: 80,
      action: 'stop',
      limitMicroUsd: 2_000_000,
      spentMicroUsd: 1_874_000,
      reservedMicroUsd: 4_000,
      leftMicroUsd: 122_000,
      percent: 93.7,
      renewsAt: '2026-11-22T00:00:00.000Z',
    },
  ],
}

const VIRTUAL_MODELS: { virtualModels: NamedVirtualModel[] } = {
  virtualModels: [
    {
      name: 'triage',
      strategy: 'cheapest',
      candidates: [
        { provider: 'openai', model: 'gpt-4.1-mini' },
        { provider: 'anthropic', model: 'claude-haiku-4-5' },
      ],
      needs: { tools: true },
    },
  ],
}

const APPROVALS: ApprovalList = {
  approvals: [
    {
      approvalId: '0198f2a4-77b1-7d02-9c7e-5a8f0c1d2e40',
      executionId: EXECUTION,
      agentId: 'triage',
      callId: 'call-1',
      toolName: 'refund_order',
      arguments: { order: 4711, amount: 39.9, reason: 'arrived broken' },
      status: 'pending',
      createdAt: TIME,
      expiresAt: '2026-11-21T10:30:00.000Z',
    },
    {
      approvalId: '0198f2a4-77b1-7d02-9c7e-5a8f0c1d2e41',
      executionId: EXECUTION,
      agentId: 'assistant',
      callId: 'call-2',
      toolName: 'send_mail',
      arguments: { to: 'ada@example.com', subject: 'Your ticket' },
      status: 'denied',
      createdAt: TIME,
      expiresAt: '2026-11-21T10:30:00.000Z',
      decidedAt: TIME,
      decidedBy: 'grace',
      reason: 'she has had this mail already',
    },
  ],
}

const PREVIEW: PromptPreview = {
  messages: [
    { role: 'system', content: 'You are a support engineer. You know about billing, shipping.\n\nAnswer in two sentences.' },
    { role: 'user', content: 'Ticket 4711 (high): Cannot sign in' },
  ],
  variables: {
    known: ['input_data', 'agent_name', 'now', 'ticket', 'priority', 'subject'],
    used: ['ticket', 'priority', 'subject'],
  },
  tokens: 38,
  warnings: ['anthropic does not know frequencyPenalty: it is left out'],
}

const CREATED = {
  ...apiKey('q5Vt3Na70LsC9wBe', 'Nightly report', 'user'),
  key: 'slk_q5Vt3Na70LsC9wBeThisKeyIsOfAPictureAndOpensNothing0000000',
} satisfies CreatedApiKey

const say = (text: string): StreamEventBody => ({ type: 'content_chunk', data: { text } })
const words = (text: string): string[] => text.match(/\s*\S+/g) ?? []

function* script(content: string): Iterable<ScriptStep> {
  yield { body: { type: 'thinking', data: { text: 'They ask what the name means. Begin with water, then come to tokens.' } } }
  if (content.includes('fails')) {
    yield { failure: { code: 'rate_limit', detail: 'the provider allows no more calls for now' } }
    return
  }
  if (content.includes('Refund')) {
    yield {
      body: { type: 'thinking', data: { text: 'presencePenalty is not known to the model and was left out', status: 'warning' } },
    }
    yield { body: { type: 'tool_call', data: { callId: 'c-1', toolName: 'find_order', arguments: { order: 4711 } } } }
    yield {
      body: {
        type: 'tool_result',
        data: { callId: 'c-1', toolName: 'find_order', result: { order: 4711, status: 'delivered' } },
      },
    }
    const approval = { approvalId: '0198f2a4-77b1-7d02-9c7e-5a8f0c1d2e40', expiresAt: '2026-11-21T10:30:00.000Z' }
    yield {
      body: {
        type: 'tool_call',
        data: { callId: 'c-2', toolName: 'refund_order', arguments: { order: 4711, amount: 39.9 }, approval },
      },
    }
    yield { waitMs: 60_000, body: say('The money is on its way.') }
    return
  }
  if (content.includes('water')) {
    yield { body: say('Water cannot jump ahead of other water; ') }
    const data = { code: 'provider_error', detail: 'the provider answered 500', attempt: 2, delayMs: 200, resumeFrom: 2 } as const
    yield { body: { type: 'retrying', data } }
    yield { body: say('neither can an event here. One writer numbers them, one sender delivers them.') }
  } else {
    for (const word of words(ANSWER)) yield { waitMs: 25, body: say(word) }
  }
  yield { body: { type: 'usage', data: { inputTokens: 48, outputTokens: 171 } } }
}

const claims = { sub: 'ada', tenant: 'default', exp: Math.floor(Date.now() / 1_000) + 3_600 }
const token = `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.sig`

async function shoot(page: Page, name: string): Promise<void> {
  if (everything === undefined && !DOCUMENTED.includes(name)) return
  await page.screenshot({ path: join(folder, `console-${name}.png`) })
  console.log(`console-${name}.png`)
}

async function tellAll(door: FakeFrontDoor): Promise<void> {
  for (const [index, [afterMs, type, data]] of HAPPENED.entries()) {
    const time = new Date(Date.parse(TIME) + afterMs).toISOString()
    door.tell({ specversion: '1.0', id: `f-${index}`, type, source: sourceOf(data), time, data })
    await pause(20)
  }
}

function sourceOf({ agentId, executionId, connectionId }: LifecycleEvent['data']): string {
  if (connectionId) return `/connections/${connectionId}`
  return executionId ? `/executions/${executionId}` : `/agents/${agentId}`
}

async function ask(page: Page, content: string): Promise<void> {
  await page.getByRole('textbox').fill(content)
  await page.keyboard.press('Enter')
}

async function pictures(page: Page, door: FakeFrontDoor, name: string): Promise<void> {
  const { url } = door
  await page.goto(`${url}/`)
  await shoot(page, `sign-in-${name}`)
  await page.goto(`${url}/#token=${token}`)
  await page.getByRole('link', { name: 'Ticket triage' }).waitFor()
  await shoot(page, `agents-${name}`)
  await page.getByRole('button', { name: 'Delete…' }).first().click()
  await shoot(page, `deleting-${name}`)
  await page.getByRole('button', { name: 'Keep' }).click()
  await page.getByRole('link', { name: 'Assistant' }).click()
  await ask(page, 'What fails?')
  await page.getByText('hash ok').waitFor()
  await shoot(page, `failed-${name}`)
  await page.getByRole('button', { name: 'Clear' }).click()
  await page.mouse.move(0, 0)
  await ask(page, 'Can an event overtake another, as water cannot?')
  await page.getByText('hash ok').waitFor()
  await ask(page, 'Why is it called Sluice, and what does it do with the tokens?')
  await page.getByText('it is sent to everybody').waitFor()
  await shoot(page, name)
  await page.getByText('hash ok').nth(1).waitFor()
  await shoot(page, `complete-${name}`)
  await page.goto(`${url}/#/topics`)
  await page.getByText('tickets.opened').waitFor()
  await shoot(page, `topics-${name}`)
  await page.goto(`${url}/#/topics/tickets.opened`)
  await page.getByText('Listening').waitFor()
  await page
    .getByLabel('Publish a message')
    .fill('{ "ticket": 4711, "subject": "Cannot sign in", "description": "The link says it has expired." }')
  await page.getByRole('button', { name: 'Publish' }).click()
  await page.getByText('"ticket": 4711').first().waitFor()
  await page.getByLabel('Publish a message').fill('{ "ticket": 4712, ')
  await page.getByRole('button', { name: 'Publish' }).click()
  await shoot(page, `topic-${name}`)
  await page.goto(`${url}/#/events`)
  await page.getByRole('heading', { name: 'Nothing yet' }).waitFor()
  await page.waitForTimeout(800)
  await shoot(page, `events-none-${name}`)
  await tellAll(door)
  await page.getByRole('button', { name: 'More about message.failed' }).click()
  await page.mouse.move(0, 0)
  await shoot(page, `events-${name}`)
  await page.getByRole('button', { name: 'Live' }).click()
  await page.locator('connection-drawer canvas').first().waitFor()
  await shoot(page, `connection-${name}`)
  await page.keyboard.press('Escape')
  await page.getByLabel('Kind of events').selectOption('Messages')
  await page.getByText('execution.queued').waitFor({ state: 'detached' })
  await shoot(page, `events-messages-${name}`)
  await page.goto(`${url}/#/dead-letters`)
  await page.getByText('agent "billing" does not exist').first().waitFor()
  await shoot(page, `dead-letters-${name}`)
  await page.getByRole('button', { name: 'Discard all…' }).click()
  await shoot(page, `discarding-${name}`)
  await page.getByRole('button', { name: 'Cancel' }).click()
  await page.getByLabel('Reason').fill('unknown')
  await page.getByRole('button', { name: 'Show', exact: true }).click()
  await page.getByText('None like this').waitFor()
  await shoot(page, `dead-letters-none-${name}`)
  await page.goto(`${url}/#/audit`)
  await page.getByText('pauseAgent').waitFor()
  await page.getByRole('button', { name: 'Verify the day' }).click()
  await page.getByText('the chain is whole').waitFor()
  await page.getByText('updateAgent').click()
  await page.mouse.move(0, 0)
  await shoot(page, `audit-${name}`)
  await page.goto(`${url}/#/keys`)
  await page.getByText('Ticket import').waitFor()
  await page.getByLabel('What it is for').fill('Nightly report')
  await page.getByRole('button', { name: 'Make a key' }).click()
  await page.getByText('Copy it now').waitFor()
  await shoot(page, `keys-${name}`)
  await page.goto(`${url}/#/models`)
  await page.getByText('triage-daily').waitFor()
  await shoot(page, `models-${name}`)
  await page.goto(`${url}/#/approvals`)
  await page.getByText('refund_order').waitFor()
  await shoot(page, `approvals-${name}`)
  await page.goto(`${url}/#/playground`)
  await page.getByText('Parameters', { exact: true }).click()
  await page.getByRole('button', { name: 'Show what the model is told' }).click()
  await page.getByText('Ticket 4711 (high)').waitFor()
  await shoot(page, `playground-${name}`)
  await page.getByLabel('Input').fill('Refund order 4711')
  await page.getByRole('button', { name: 'Run' }).click()
  await page.getByText('waits for your decision').waitFor()
  await page.getByText('waits for your decision').scrollIntoViewIfNeeded()
  await shoot(page, `steps-${name}`)
  await page.goto(`${url}/#/api`)
  await page.getByText('/v1/agents', { exact: true }).first().waitFor()
  await shoot(page, `api-${name}`)
  await page.getByRole('searchbox').fill('post agents')
  await page.getByText('Registers an agent').click()
  await page.getByRole('button', { name: 'Send' }).waitFor()
  await shoot(page, `api-operation-${name}`)
}

await mkdir(folder, { recursive: true })
const door = await startFakeFrontDoor({
  files: join(ROOT, 'dist/console'),
  agents: AGENTS,
  deadLetters: DEAD_LETTERS,
  answers: {
    'GET /v1/openapi.json': openApi,
    'GET /v1/audit': AUDIT,
    [`GET /v1/audit/${new Date().toISOString().slice(0, 10)}/verification`]: VERIFICATION,
    'GET /v1/api-keys': KEYS,
    'GET /v1/providers': PROVIDERS,
    'GET /v1/budgets': BUDGETS,
    'GET /v1/virtual-models': VIRTUAL_MODELS,
    'GET /v1/approvals': APPROVALS,
    'POST /v1/agents/assistant/prompt-preview': PREVIEW,
    'POST /v1/api-keys': CREATED,
  },
  token,
  script,
})
const browser = await launchChromium()
try {
  for (const [name, options] of [
    ['light', { viewport: { width: 1120, height: 760 }, colorScheme: 'light' }],
    ['dark', { viewport: { width: 1120, height: 760 }, colorScheme: 'dark' }],
    ['narrow', { viewport: { width: 320, height: 640 }, colorScheme: 'light', deviceScaleFactor: 2 }],
    ['narrow-dark', { viewport: { width: 320, height: 640 }, colorScheme: 'dark', deviceScaleFactor: 2 }],
  ] as const) {
    const context = await browser.newContext(options)
    const page = await context.newPage()
    page.on('console', (message) => console.log(message.type(), message.text()))
    page.on('pageerror', (error) => console.error(error))
    await pictures(page, door, name)
    await context.close()
  }
} finally {
  await browser.close()
  await door.stop()
}
