import { sumOf, sumsBy } from '../../cluster/index.ts'
import type { Check } from '../check.ts'
import { fact, rounded } from './words.ts'

const FAILED_LOGINS = 5
const DENIALS = 10

/** Who is let in to nothing: logins that fail, requests that are denied. */
export const REFUSED_CLIENT_CHECKS: readonly Check[] = [
  {
    id: 'login-failures',
    title: 'Logins fail',
    area: 'security',
    severity: 'critical',
    looksAt: `At least ${FAILED_LOGINS} failed logins by one mechanism.`,
    verify: 'glasslog_logins_total with a result other than success stands still.',
    *inspect({ readings }) {
      const failed = readings.logins.filter(({ labels }) => labels.result !== 'success')
      for (const [mechanism, count] of sumsBy(failed, 'mechanism')) {
        if (count < FAILED_LOGINS) continue
        yield {
          resource: { kind: 'listener', name: mechanism },
          summary: `${rounded(count)} logins by ${mechanism} failed.`,
          facts: [
            fact('failed', count),
            fact('succeeded', sumOf(readings.logins, { mechanism, result: 'success' })),
          ],
          chart: {
            ...{ title: `Logins by ${mechanism}`, unit: 'logins', reading: 'logins' },
            labels: { mechanism },
          },
          cause:
            'A password was changed at one side only, an account was disabled or a token expired, or somebody guesses passwords.',
          remedy: {
            steps: [
              'See who it is: GET /v1/audit?operation=login* has one record for each principal, address and minute.',
              'A known application: put the right password there, or set it anew with PUT /v1/users/{user}.',
              'An unknown address: hold it by connection_creation_rate, or close the network to it.',
            ],
            action: null,
          },
        }
      }
    },
  },
  {
    id: 'denied-requests',
    title: 'Requests are refused for lack of rights',
    area: 'security',
    severity: 'important',
    looksAt: `At least ${DENIALS} requests that the authorizer refused, of one operation.`,
    verify: 'glasslog_denials_total stands still.',
    *inspect({ readings }) {
      for (const { labels, value } of readings.denials) {
        if (value < DENIALS) continue
        const what = `${labels.operation} on ${labels.resource}`
        yield {
          resource: { kind: 'cluster', name: `denied ${what}` },
          summary: `${rounded(value)} requests for ${what} were refused.`,
          facts: [fact('denied', value)],
          chart: {
            ...{ title: `Refused: ${what}`, unit: 'requests', reading: 'denials' },
            labels: { ...labels },
          },
          cause: 'An application lacks a rule that it needs, or tries what it should not.',
          remedy: {
            steps: [
              'See who and what: GET /v1/audit?outcome=failure has one record for each principal and minute.',
              'Add the one rule that is missing (POST /v1/acls), for that principal and that topic only.',
            ],
            action: null,
          },
        }
      }
    },
  },
]
