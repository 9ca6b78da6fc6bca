/** Header of every answer where authentication is off: nobody shall think that it is on. */
export const OPEN_WARNING = { 'x-sluice-warning': 'authentication is off' } as const
