import * as z from 'zod'

const about = z.int().nonnegative()

/** A queue of the stage; counts are about right, as SQS gives them. */
export const queueSchema = z.object({
  name: z.string(),
  /** `ingress`, `work`, `deliveries`, `connections`, `erasures`, `agent-<id>`, `sweep` or `changes`. */
  purpose: z.string(),
  /** Whether it keeps what could not be handled. */
  deadLetters: z.boolean(),
  /** Messages that wait. */
  visible: about,
  /** Messages that somebody works on. */
  inFlight: about,
  /** Messages that are not to be seen yet. */
  delayed: about,
})

/** Answer of `GET /v1/queues`. */
export const queueListSchema = z.object({ queues: z.array(queueSchema) })

export type QueueList = z.infer<typeof queueListSchema>
