import { Kafka, logLevel } from 'kafkajs'
import type { Incident, Stage } from './incident.ts'

const ATTEMPTS = 60
const AT_ONCE = 10

/** Somebody logs in with a wrong password, again and again, by what applications log in with. */
export const WRONG_KAFKA_LOGINS: Incident = {
  name: 'wrong passwords at a listener for Kafka clients',
  alert: { alertname: 'LoginStorm', mechanism: 'PLAIN' },
  twin: { alertname: 'LoginStorm', mechanism: 'SCRAM-SHA-512' },
  finding: { check: 'login-failures', resource: 'PLAIN' },
  cause: ({ loginAddress }) =>
    attempt(async () => {
      const kafka = new Kafka({
        ...{ brokers: [loginAddress], logLevel: logLevel.NOTHING, retry: { retries: 0 } },
        sasl: { mechanism: 'plain', username: 'billing', password: 'of last year' },
      })
      const admin = kafka.admin()
      try {
        await admin.connect()
      } catch {
        return
      } finally {
        await admin.disconnect()
      }
      throw new Error('a wrong password was let in')
    }),
}

/** The same at the admin port. */
export const WRONG_ADMIN_LOGINS: Incident = {
  name: 'wrong tokens at the admin port',
  alert: { alertname: 'LoginStorm', mechanism: 'http-token' },
  twin: { alertname: 'LoginStorm', mechanism: 'http-password' },
  finding: { check: 'login-failures', resource: 'http-token' },
  cause: ({ adminUrl }: Stage) =>
    attempt(async () => {
      const headers = { authorization: 'Bearer of-last-year' }
      const { ok } = await fetch(`${adminUrl}/v1/topics`, { headers })
      if (ok) throw new Error('a wrong token was let in')
    }),
}

async function attempt(once: () => Promise<void>): Promise<void> {
  let left = ATTEMPTS
  const attemptAll = async (): Promise<void> => {
    while (left > 0) {
      left--
      await once()
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, attemptAll))
}
