import fc from 'fast-check'

/** An id as agents, executions and topics have it. */
export const identifier = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/)
