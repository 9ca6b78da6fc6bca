/**
 * The value of an attribute that holds JSON as text: a map of DynamoDB takes neither all of JSON's numbers nor empty names, and its client no member
 * called `constructor`. A map is given back as it is: an item may be older than its text.
 */
export const fromJsonAttribute = (value: unknown): unknown => (typeof value === 'string' ? JSON.parse(value) : value)
