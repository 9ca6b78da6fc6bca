import {
  type ASTVisitor,
  type FieldNode,
  GraphQLError,
  type GraphQLObjectType,
  getArgumentValues,
  getDirectiveValues,
  getNamedType,
  isObjectType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
  type ValidatedExecutionArgs,
  type ValidationContext,
} from 'graphql'

/** Most lexical tokens of a document. The parser is recursive: this also keeps what is nested deeply from the end of the stack. */
export const MAX_TOKENS = 1_000
/** Most fields of a document that are asked for under another name. */
export const MAX_ALIASES = 15
/** Levels of fields. */
export const MAX_DEPTH = 10
/** Most that one operation may cost: about 1,000 events with eight fields each. */
export const MAX_COST = 10_000

/** What the schema's description of itself costs; its depth is limited by a rule of graphql-js. */
const INTROSPECTION = { cost: 500, depth: 1 }

type Size = { cost: number; depth: number }

const NOTHING: Size = { cost: 0, depth: 0 }

/** Rule: each alias makes the answer larger by a field that may be large, whatever it costs to read. */
export function limitAliases(context: ValidationContext): ASTVisitor {
  let aliases = 0
  return {
    Field(node) {
      if (!node.alias) return
      aliases++
      if (aliases === MAX_ALIASES + 1)
        context.reportError(new GraphQLError(`the document has more than ${MAX_ALIASES} aliases`, { nodes: node }))
    },
  }
}

/**
 * What an operation asks for at the most, before anything of it is done. A fragment counts wherever it is spread, and what `@skip` and
 * `@include` leave out counts too.
 *
 * @throws GraphQLError when it is too deep or costs too much, or an argument has no value
 */
export function requireAffordable(args: ValidatedExecutionArgs): void {
  const type = args.schema.getRootType(args.operation.operation)
  if (!type) return
  const { cost, depth } = sizeOfSelections(args, new Map(), args.operation.selectionSet, type)
  const nodes = args.operation
  if (depth > MAX_DEPTH) throw new GraphQLError(`the operation is ${depth} levels deep; ${MAX_DEPTH} are allowed`, { nodes })
  if (cost > MAX_COST)
    throw new GraphQLError(`the operation costs ${cost}; ${MAX_COST} is allowed: ask for less at once`, { nodes })
}

/** @param known - sizes of fragments: each is measured once, however often it is spread */
function sizeOfSelections(
  args: ValidatedExecutionArgs,
  known: Map<string, Size>,
  { selections }: SelectionSetNode,
  parent: GraphQLObjectType,
): Size {
  const sizes = selections.map((selection) => sizeOf(args, known, selection, parent))
  return sizes.reduce((one, other) => ({ cost: one.cost + other.cost, depth: Math.max(one.depth, other.depth) }), NOTHING)
}

function sizeOf(
  args: ValidatedExecutionArgs,
  known: Map<string, Size>,
  selection: SelectionNode,
  parent: GraphQLObjectType,
): Size {
  // There are neither interfaces nor unions: a fragment is always on the type that it is spread in.
  if (selection.kind === Kind.INLINE_FRAGMENT) return sizeOfSelections(args, known, selection.selectionSet, parent)
  if (selection.kind === Kind.FIELD) return sizeOfField(args, known, selection, parent)
  const name = selection.name.value
  const fragment = args.fragmentDefinitions[name]
  const size = known.get(name) ?? (fragment ? sizeOfSelections(args, known, fragment.selectionSet, parent) : NOTHING)
  known.set(name, size)
  return size
}

function sizeOfField(args: ValidatedExecutionArgs, known: Map<string, Size>, node: FieldNode, parent: GraphQLObjectType): Size {
  const field = parent.getFields()[node.name.value]
  if (!field) return node.name.value === '__typename' ? NOTHING : INTROSPECTION
  const type = getNamedType(field.type)
  const below = node.selectionSet && isObjectType(type) ? sizeOfSelections(args, known, node.selectionSet, type) : NOTHING
  const { limit } = getArgumentValues(field, node, args.variableValues)
  const items = typeof limit === 'number' ? Math.max(1, limit) : 1
  return { cost: weightOf(args, field) + items * below.cost, depth: 1 + below.depth }
}

/** `@cost` of a field's definition. */
function weightOf({ schema }: ValidatedExecutionArgs, { astNode }: { astNode?: FieldDefinition }): number {
  const directive = schema.getDirective('cost')
  const weight = directive && astNode ? getDirectiveValues(directive, astNode)?.weight : undefined
  return typeof weight === 'number' ? weight : 1
}

type FieldDefinition = ReturnType<GraphQLObjectType['getFields']>[string]['astNode']
