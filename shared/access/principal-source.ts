const BEGINNING = '/principals/'

/** A caller as the source of what it sends: a URI-reference, which no agent's can be taken for. Nobody speaks in the name of somebody else. */
export const principalSource = (subject: string): string => `${BEGINNING}${encodeURIComponent(subject)}`

/** Whether a caller has sent it, rather than an agent for somebody. */
export const isPrincipalSource = (source: string): boolean => source.startsWith(BEGINNING)
