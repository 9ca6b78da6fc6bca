/** What the process answers its caller. A command that a signal ended answers 128 plus the signal's number, as shells expect. */
export const EXIT_CODE = {
  ok: 0,
  /** The work failed: the answer, a refused call, a check. */
  failed: 1,
  /** The command line makes no sense. */
  usage: 2,
  /** Nobody answers at the address. */
  unreachable: 3,
} as const
