import * as z from 'zod'
import { APPROVAL_STATUSES } from './approval-statuses.ts'
import { agentIdSchema, executionIdSchema, timestampSchema } from './identifiers.ts'

/** Longest arguments of a call that an approval shows, in bytes of JSON. */
export const MAX_APPROVAL_ARGUMENTS_BYTES = 16_384

export const APPROVAL_DECISIONS = ['approve', 'deny'] as const

/** A call of a tool that a person decides on. The execution is `waiting_input` until every one of its calls is decided. */
export const approvalSchema = z.object({
  approvalId: z.uuid(),
  executionId: executionIdSchema,
  agentId: agentIdSchema,
  callId: z.string(),
  toolName: z.string(),
  arguments: z.json(),
  /** SHA-256 of the tool as it was defined then: another one is not called. Absent for approvals of versions that did not look. */
  toolHash: z.string().optional(),
  status: z.enum(APPROVAL_STATUSES),
  createdAt: timestampSchema,
  expiresAt: timestampSchema,
  decidedAt: timestampSchema.optional(),
  /** Subject of whoever decided. */
  decidedBy: z.string().optional(),
  reason: z.string().optional(),
})

/** Body of `POST /v1/approvals/{id}`. Repeatable: the same decision again is no error, another one is `conflict`. */
export const decideApprovalSchema = z.strictObject({
  decision: z.enum(APPROVAL_DECISIONS),
  /** Told to the model when it is denied. */
  reason: z.string().max(1_000).optional(),
})

/** Page of `GET /v1/approvals`, the newest first. */
export const approvalListSchema = z.object({ approvals: z.array(approvalSchema), next: z.string().optional() })

export type Approval = z.infer<typeof approvalSchema>
export type ApprovalList = z.infer<typeof approvalListSchema>
export type DecideApproval = z.infer<typeof decideApprovalSchema>
