import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { newId } from '#shared/platform/ids.ts'
import type { LifecycleEvent } from '#shared/protocol/lifecycle-event.ts'
import type { Webhook } from '#shared/protocol/webhook.ts'
import type { CallbackDelivery, WebhookDelivery } from '#shared/webhooks/delivery.ts'

export const aWebhook = (overrides: Partial<Webhook> = {}): Webhook => ({
  webhookId: newId(),
  url: 'https://example.com/hook',
  events: ['execution.'],
  status: 'active',
  createdAt: '2026-11-21T09:30:00.000Z',
  ...overrides,
})

export const anEvent = (overrides: Partial<LifecycleEvent> = {}): LifecycleEvent => ({
  specversion: '1.0',
  id: newId(),
  type: 'execution.completed',
  source: '/executions/e-1',
  time: '2026-11-21T09:30:00.000Z',
  data: { agentId: 'assistant', executionId: 'e-1' },
  ...overrides,
})

export const aCallback = (overrides: Partial<CallbackDelivery> = {}): CallbackDelivery => ({
  kind: 'callback',
  tenant: 'acme',
  deliveryId: newId(),
  executionId: 'e-1',
  type: 'execution.completed',
  time: '2026-11-21T09:30:00.000Z',
  attempt: 1,
  ...overrides,
})

export const aWebhookDelivery = (overrides: Partial<WebhookDelivery> = {}): WebhookDelivery => ({
  kind: 'webhook',
  tenant: 'acme',
  deliveryId: newId(),
  webhookId: newId(),
  event: anEvent(),
  type: 'execution.completed',
  time: '2026-11-21T09:30:00.000Z',
  attempt: 1,
  ...overrides,
})

export type Posted = { method: string; path: string; headers: IncomingHttpHeaders; body: string }

/**
 * An address outside, on this machine: it keeps what was posted, and answers as it is told.
 *
 * @param answer - 204 when absent
 */
export async function startReceiver(
  answer: (response: ServerResponse, posted: Posted) => void = (response) => response.writeHead(204).end(),
) {
  const received: Posted[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8')
    request.on('data', (text: string) => {
      body += text
    })
    request.on('end', () => {
      const posted = { method: String(request.method), path: String(request.url), headers: request.headers, body }
      received.push(posted)
      answer(response, posted)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received,
    stop: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
