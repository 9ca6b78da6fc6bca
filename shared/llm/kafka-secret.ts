import * as z from 'zod'
import { type Concealed, conceal } from '#shared/platform/concealed.ts'
import { jsonOrUndefined } from '#shared/platform/json-or-undefined.ts'
import { baseUrlSchema } from '#shared/protocol/llm.ts'
import { InvalidSecretError } from './invalid-secret-error.ts'

/** The service whose secret, `{platform}-kafka-secret`, holds the settings of an external broker. */
export const KAFKA_SERVICE = 'kafka'

/** How to reach an external broker that speaks Kafka, and how to sign in. */
export type KafkaSettings = {
  /** `host:port`, one or more. */
  bootstrapServers: readonly string[]
  /** Root of the schema registry's API. */
  schemaRegistryUrl: string | undefined
  securityProtocol: (typeof SECURITY_PROTOCOLS)[number]
  /** Set when the protocol is a SASL one. */
  sasl: { mechanism: (typeof SASL_MECHANISMS)[number]; username: string; password: Concealed<string> } | undefined
}

/** The names that Kafka clients use. Source: Apache Kafka, "Security", `security.protocol` and `sasl.mechanism`. */
const SECURITY_PROTOCOLS = ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'] as const
const SASL_MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const

/** Longest list of servers; a client needs only one of them to find the others. */
const MAX_SERVERS = 20

const serverSchema = z.string().regex(/^([A-Za-z0-9]([A-Za-z0-9.-]{0,252}[A-Za-z0-9])?|\[[0-9a-fA-F:]{2,45}\]):[1-9]\d{0,4}$/)

/** `username` and `password` are the names that Lambda's event sources look for. Source: AWS Lambda, "Configuring cluster authentication methods". */
const kafkaSecretSchema = z
  .strictObject({
    bootstrapServers: z.union([
      z.array(serverSchema).min(1).max(MAX_SERVERS),
      z
        .string()
        .transform((text) => text.split(',').map((server) => server.trim()))
        .pipe(z.array(serverSchema).min(1).max(MAX_SERVERS)),
    ]),
    schemaRegistryUrl: baseUrlSchema.optional(),
    securityProtocol: z.enum(SECURITY_PROTOCOLS).optional(),
    saslMechanism: z.enum(SASL_MECHANISMS).optional(),
    username: z.string().min(1).max(1_024).optional(),
    password: z.string().min(1).max(4_096).optional(),
  })
  .transform(({ saslMechanism, username, password, ...rest }, context): KafkaSettings => {
    const isSaid = [saslMechanism, username, password].some((part) => part !== undefined)
    const { bootstrapServers, schemaRegistryUrl, securityProtocol = isSaid ? 'SASL_SSL' : 'SSL' } = rest
    const broker = { bootstrapServers, schemaRegistryUrl, securityProtocol }
    const isNeeded = securityProtocol.startsWith('SASL_')
    if (!isSaid && !isNeeded) return { ...broker, sasl: undefined }
    if (isNeeded && username !== undefined && password !== undefined)
      return { ...broker, sasl: { mechanism: saslMechanism ?? 'SCRAM-SHA-512', username, password: conceal(password) } }
    context.addIssue({ code: 'custom', message: 'does not fit' })
    return z.NEVER
  })

const EXPECTED =
  '{"bootstrapServers": "host:9092", "schemaRegistryUrl"?, "securityProtocol"?, "saslMechanism"?, "username"?, "password"?}'

/**
 * Reads the secret of a broker. The protocol defaults to `SASL_SSL` with a user and to `SSL` without one: nothing is sent in the clear unless the
 * secret says so.
 *
 * @throws InvalidSecretError with the secret's name; its content is never quoted
 */
export function parseKafkaSecret(secretName: string, text: string): KafkaSettings {
  const result = kafkaSecretSchema.safeParse(jsonOrUndefined(text))
  if (!result.success) throw new InvalidSecretError(secretName, EXPECTED)
  return result.data
}
