/** Place of an execution in its agent's mailbox: sorts by priority (10 first), then by time of creation, then by id. */
export const mailboxPlace = ({
  priority,
  createdAt,
  executionId,
}: {
  priority: number
  createdAt: string
  executionId: string
}): string => `${String(10 - priority).padStart(2, '0')}#${createdAt}#${executionId}`
