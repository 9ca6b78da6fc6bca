import {
  type DirectiveNode,
  type FieldNode,
  GraphQLError,
  GraphQLIncludeDirective,
  GraphQLSkipDirective,
  getArgumentValues,
  getDirectiveValues,
  Kind,
  type SelectionSetNode,
  type ValidatedExecutionArgs,
} from 'graphql'
import * as z from 'zod'
import { parse } from '#shared/platform/parse.ts'
import { ALL_CHANNEL, agentChannel, executionChannel, topicChannel } from '#shared/protocol/channel.ts'
import { agentIdSchema, executionIdSchema, topicSchema } from '#shared/protocol/identifiers.ts'
import type { SubscriptionView } from '#shared/streams/subscription-view.ts'

/** What a subscription asks for, in words that need no GraphQL to be followed. */
export type Projection = {
  channel: string
  /** Cursor; absent for the channel's own beginning. */
  after: number | undefined
  key: string
  fields: Extract<SubscriptionView, { kind: 'graphql' }>['fields']
}

/** Longest alias of a subscription. */
const MAX_KEY_LENGTH = 100

const cursor = { after: z.int().min(-1).nullish() }

/** The channel of each field of `Subscription`, by its arguments. */
const CHANNELS = {
  agentExecutionStream: z
    .object({ executionId: executionIdSchema, ...cursor })
    .transform(({ executionId, after }) => ({ channel: executionChannel(executionId), after })),
  topicStream: z
    .object({ topic: topicSchema, ...cursor })
    .transform(({ topic, after }) => ({ channel: topicChannel(topic), after })),
  agentEvents: z
    .object({ agentId: agentIdSchema.nullish(), ...cursor })
    .transform(({ agentId, after }) => ({ channel: typeof agentId === 'string' ? agentChannel(agentId) : ALL_CHANNEL, after })),
}

const isSubscription = (name: string): name is keyof typeof CHANNELS => Object.hasOwn(CHANNELS, name)

/**
 * Resolves the selection of a subscription once, with its fragments, aliases, variables, `@skip` and `@include`: whoever sends the events
 * copies fields by their names.
 *
 * @param validated - a subscription that was validated: one field at its root, plain fields below it
 * @throws GraphQLError when a field is selected twice, since an event fits one frame and its copies may not, or an alias is too long;
 *   ValidationError for arguments
 */
export function projectSubscription(validated: ValidatedExecutionArgs): Projection {
  const roots = [...selectedFields(validated, validated.operation.selectionSet)]
  const root = roots[0]
  const name = root?.name.value ?? ''
  const definition = validated.schema.getSubscriptionType()?.getFields()[name]
  if (!root || !definition || !isSubscription(name)) throw new GraphQLError('the subscription selects nothing')
  const { channel, after } = parse(CHANNELS[name], getArgumentValues(definition, root, validated.variableValues), 'arguments')
  return { channel, after: after ?? undefined, key: keyOf(root), fields: fieldsBelow(validated, roots) }
}

/** Keys are kept with the subscription, read by every sender of the channel, and repeated in each event. */
function keyOf(node: FieldNode): string {
  const key = node.alias?.value ?? node.name.value
  if (key.length > MAX_KEY_LENGTH)
    throw new GraphQLError(`an alias has ${MAX_KEY_LENGTH} characters at the most`, { nodes: node })
  return key
}

/** Keys of the answer and the fields that they stand for; a key that comes again stands for the same field. */
function fieldsBelow(validated: ValidatedExecutionArgs, roots: readonly FieldNode[]): Projection['fields'] {
  const keys = new Map<string, string>()
  for (const { selectionSet } of roots) {
    for (const node of selectedFields(validated, selectionSet)) {
      const [key, field] = [keyOf(node), node.name.value]
      if (keys.has(key)) continue
      if ([...keys.values()].includes(field)) throw new GraphQLError(`"${field}" is selected twice`, { nodes: node })
      keys.set(key, field)
    }
  }
  return [...keys]
}

/** The fields of a selection, in the order of the answer (https://spec.graphql.org/draft/#CollectFields()). */
function* selectedFields(
  validated: ValidatedExecutionArgs,
  selectionSet: SelectionSetNode | undefined,
  visited = new Set<string>(),
): Generator<FieldNode> {
  for (const selection of selectionSet?.selections ?? []) {
    if (!isIncluded(validated, selection)) continue
    if (selection.kind === Kind.FIELD) yield selection
    else if (selection.kind === Kind.INLINE_FRAGMENT) yield* selectedFields(validated, selection.selectionSet, visited)
    else if (!visited.has(selection.name.value)) {
      visited.add(selection.name.value)
      yield* selectedFields(validated, validated.fragmentDefinitions[selection.name.value]?.selectionSet, visited)
    }
  }
}

function isIncluded(
  { variableValues }: ValidatedExecutionArgs,
  node: { directives?: readonly DirectiveNode[] | undefined },
): boolean {
  if (getDirectiveValues(GraphQLSkipDirective, node, variableValues)?.if === true) return false
  return getDirectiveValues(GraphQLIncludeDirective, node, variableValues)?.if !== false
}
