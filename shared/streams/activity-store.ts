/** What went through the platform. About: what is told twice may count twice. */
export type Activity = {
  /** Messages and requests that an agent was given. */
  messages: number
  /** Those that failed or took too long. */
  errors: number
}

export type ActivityStore = {
  add(tenant: string, activity: Activity): Promise<void>
  of(tenant: string): Promise<Activity>
  /** Of all tenants. */
  total(): Promise<Activity>
}
