import type { Concealed } from '#shared/platform/concealed.ts'
import { sha256 } from '#shared/platform/sha256.ts'

/** One key of a service, and how it may be used. What is secret is concealed. */
export type ProviderKey = {
  apiKey: Concealed<string>
  /** Names the key where its states are kept and shown; see {@link keyFingerprint}. */
  fingerprint: string
  /** Root of the API that the key is for; the vendor's own when absent. */
  baseUrl: string | undefined
  /** For Azure. */
  apiVersion: string | undefined
  /** For `custom`: sent with every call, to the base URL of this secret alone. */
  headers: Concealed<Record<string, string>> | undefined
  /** Share of the calls, by comparison with the other keys of its service. */
  weight: number
  requestsPerMinute: number | undefined
  tokensPerMinute: number | undefined
}

const DIGITS = 12

/** 12 hex digits of SHA-256 over the service and the key, under a name of their own: equal to no other hash of the key, and no part of it. */
export const keyFingerprint = (service: string, apiKey: string): string =>
  sha256(`sluice/key-fingerprint/1\0${service}\0${apiKey}`).slice(0, DIGITS)
