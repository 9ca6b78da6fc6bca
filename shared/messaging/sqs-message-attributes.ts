/** Most attributes of a message (SQS quotas). */
const MAX_ATTRIBUTES = 10

/** Attributes of a message: ours, and as many of the sender's others as there is room for. */
export function withinAttributeLimit<Attribute>(
  ours: Record<string, Attribute>,
  senders: Record<string, Attribute>,
): Record<string, Attribute> {
  const others = Object.entries(senders).filter(([name]) => !Object.hasOwn(ours, name))
  return { ...ours, ...Object.fromEntries(others.slice(0, MAX_ATTRIBUTES - Object.keys(ours).length)) }
}
