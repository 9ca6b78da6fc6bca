import { httpRequests, socketMessages, socketMinutes, sqsRequests } from './billing-rules.ts'
import type { Meter } from './meter.ts'

/** Calls that AWS makes, or charges for, without a client of ours: each rule says which, and when. */
export function awsCalls(meter: Meter) {
  return {
    /** The HTTP API takes a request. */
    httpRequest(body: string): void {
      meter.record('API Gateway', 'HTTP request', { httpRequests: httpRequests(Buffer.byteLength(body)) })
    },
    /** The WebSocket API takes a client's frame. */
    socketFrame(frame: string): void {
      meter.record('API Gateway', 'WebSocket frame in', { socketMessages: socketMessages(Buffer.byteLength(frame)) })
    },
    /** A viewer's socket is open while the reply comes. */
    openSocket(milliseconds: number): void {
      meter.record('API Gateway', 'WebSocket minutes', { socketMinutes: socketMinutes(milliseconds) })
    },
    /** The rule of the bus sends the message to the ingress queue. */
    busDelivery(message: string): void {
      meter.record('SQS', 'SendMessage (rule)', { sqsRequests: sqsRequests(Buffer.byteLength(message)) })
    },
    /**
     * Lambda's poller receives the message, and deletes it when the invocation ended well. Alone in its batch, which is the dearest
     * case: up to ten messages share the two requests.
     *
     * @param fair - whether it has a message group
     */
    queueDelivery(message: string, { fair }: { fair: boolean }): void {
      const requests = sqsRequests(Buffer.byteLength(message))
      meter.record('SQS', 'ReceiveMessage (poller)', { sqsRequests: requests, ...(fair && { sqsFairRequests: requests }) })
      meter.record('SQS', 'DeleteMessage (poller)', { sqsRequests: 1, ...(fair && { sqsFairRequests: 1 }) })
    },
  }
}
