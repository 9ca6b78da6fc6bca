/** A value that nobody prints by mistake: in logs, dumps and JSON only its lid shows. */
export type Concealed<Value> = { reveal(): Value }

export const conceal = <Value>(value: Value): Concealed<Value> => ({ reveal: () => value })
