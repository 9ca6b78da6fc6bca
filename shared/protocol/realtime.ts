import * as z from 'zod'
import { dataSchema } from './envelope.ts'

/** Answer of `GET /realtime/connections`, for the caller's tenant. Counts are about a second old. */
export const connectionStatsSchema = z.object({
  total_connections: z.int().nonnegative(),
  total_topics: z.int().nonnegative(),
  /** Followers by topic. */
  topics: z.record(z.string(), z.int().positive()),
})

/** Answer of `GET /realtime/status`, for the caller's tenant. */
export const realtimeStatusSchema = z.object({
  /** The agent that was asked about; `sluice` when it was none. */
  agent_type: z.string(),
  realtime_enabled: z.boolean(),
  /** Ids of open connections, 100 at the most. */
  connections: z.array(z.string()),
  /** Topics that somebody follows. */
  active_streams: z.array(z.string()),
  /** About how many messages and requests were taken on, and how many went wrong. */
  message_count: z.int().nonnegative(),
  error_count: z.int().nonnegative(),
})

/** Body of `POST /realtime/broadcast`: any JSON that fits a frame. */
export const broadcastSchema = z.strictObject({ data: dataSchema })

/** 202 answer: how many connections it was sent to. */
export const broadcastAcceptedSchema = z.object({ connections: z.int().nonnegative() })
