/** A caller as the source of what it sends: a URI-reference, which no agent's can be taken for. Nobody speaks in the name of somebody else. */
export const principalSource = (subject: string): string => `/principals/${encodeURIComponent(subject)}`
