/** The parts of an UpdateItem that set and remove attributes by their names, whatever words DynamoDB reserves. */
export type AttributeUpdate = {
  UpdateExpression: string
  ExpressionAttributeNames: Record<string, string>
  ExpressionAttributeValues: Record<string, unknown>
}

/** @param set - attributes with their new values; those that are undefined are removed */
export function attributeUpdate(set: Record<string, unknown>, remove: readonly string[] = []): AttributeUpdate {
  const values = Object.entries(set).filter(([, value]) => value !== undefined)
  const gone = [...remove, ...Object.keys(set).filter((name) => set[name] === undefined)]
  const clauses = [
    values.length > 0 && `SET ${values.map(([name]) => `#${name} = :${name}`).join(', ')}`,
    gone.length > 0 && `REMOVE ${gone.map((name) => `#${name}`).join(', ')}`,
  ]
  return {
    UpdateExpression: clauses.filter(Boolean).join(' '),
    ExpressionAttributeNames: Object.fromEntries([...values.map(([name]) => name), ...gone].map((name) => [`#${name}`, name])),
    ExpressionAttributeValues: Object.fromEntries(values.map(([name, value]) => [`:${name}`, value])),
  }
}
