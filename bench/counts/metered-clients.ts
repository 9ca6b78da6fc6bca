import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import type { SqsSender } from '#shared/messaging/sqs-sender.ts'
import { type Cloud, clientOptions } from '../../localstack/aws-clients.ts'
import { busEvents, sqsRequests } from './billing-rules.ts'
import type { Meter } from './meter.ts'
import { meterDynamo } from './meter-dynamo.ts'

export type MeteredClients = {
  dynamo: DynamoDBDocumentClient
  events: EventBridgeClient
  send: SqsSender
  destroy(): void
}

/** Clients of the local cloud whose every call is written down. */
export function meteredClients(cloud: Cloud, meter: Meter): MeteredClients {
  const dynamo = new DynamoDBClient(clientOptions(cloud))
  meterDynamo(dynamo, meter)
  const events = new EventBridgeClient(clientOptions(cloud))
  meterEvents(events, meter)
  const sqs = new SQSClient(clientOptions(cloud))
  meterQueue(sqs, meter)
  return {
    dynamo: DynamoDBDocumentClient.from(dynamo, { marshallOptions: { removeUndefinedValues: true } }),
    events,
    send: async (message) => {
      await sqs.send(new SendMessageCommand(message))
    },
    destroy() {
      for (const client of [dynamo, events, sqs]) client.destroy()
    },
  }
}

const messageSchema = z.looseObject({ MessageBody: z.string(), MessageGroupId: z.string().optional() })

function meterQueue(client: SQSClient, meter: Meter): void {
  client.middlewareStack.add(
    (next) => async (args) => {
      const { MessageBody, MessageGroupId } = messageSchema.parse(args.input)
      const requests = sqsRequests(Buffer.byteLength(MessageBody))
      meter.record('SQS', 'SendMessage', { sqsRequests: requests, ...(MessageGroupId && { sqsFairRequests: requests }) })
      return next(args)
    },
    { step: 'serialize', name: 'meter' },
  )
}

const eventsSchema = z.looseObject({
  Entries: z.array(z.object({ Source: z.string(), DetailType: z.string(), Detail: z.string() })),
})

function meterEvents(client: EventBridgeClient, meter: Meter): void {
  client.middlewareStack.add(
    (next) => async (args) => {
      for (const { Source, DetailType, Detail } of eventsSchema.parse(args.input).Entries) {
        meter.record('EventBridge', 'PutEvents', { busEvents: busEvents(Buffer.byteLength(Source + DetailType + Detail)) })
      }
      return next(args)
    },
    { step: 'serialize', name: 'meter' },
  )
}
