import { onlyValue, sumOf } from '../../cluster/index.ts'
import type { Check } from '../check.ts'
import { isBehind } from './client-software.ts'
import { bytes, duration, fact, pathOf, percent, rounded } from './words.ts'

const DAY_MS = 86_400_000
const STALE_AGE_MS = 30 * DAY_MS
const EXPIRY_ALARM_MS = 30 * DAY_MS
const EXPIRY_URGENT_MS = 7 * DAY_MS
const TOKEN_AGE_MS = 7 * DAY_MS
const PUBLISHED_BEHIND = 1_000
const UNSIGNED_SECONDS = 600
/** Operations that change things or let others do so. */
const BROAD_OPERATIONS = new Set(['ALL', 'WRITE', 'ALTER', 'ALTER_CONFIGS', 'DELETE', 'CREATE'])

/** Durability, security, the proof of the history, and versions. */
export const SAFETY_CHECKS: readonly Check[] = [
  {
    id: 'relaxed-durability',
    title: 'A topic can lose acknowledged records',
    area: 'durability',
    severity: 'important',
    looksAt: 'Topics with glasslog.durability=os.',
    verify: 'The topic has glasslog.durability=disk: GET /v1/topics/{topic}.',
    *inspect({ topics }) {
      for (const topic of topics) {
        if (topic.configs['glasslog.durability'] !== 'os') continue
        yield {
          resource: { kind: 'topic', name: topic.name },
          summary: `Records of ${topic.name} that were acknowledged are lost when the machine loses power.`,
          facts: [fact('bytes', topic.sizeBytes, 'bytes')],
          chart: null,
          cause: 'glasslog.durability was set to os, for less latency.',
          remedy: {
            steps: [
              'Decide whether the records may be lost; if they may, mute this finding and say why.',
              'Else go back to glasslog.durability=disk, the default.',
            ],
            action: {
              description: `Make records of ${topic.name} durable before they are acknowledged.`,
              ...{ method: 'PATCH', path: pathOf('topics', topic.name), reversible: true },
              body: { configs: { 'glasslog.durability': null } },
            },
          },
        }
      }
    },
  },
  {
    id: 'broad-acl',
    title: 'A rule lets everybody change much',
    area: 'security',
    severity: 'critical',
    looksAt:
      'ACLs that allow User:* to write, alter or delete, or anybody to do ALL on all topics or the cluster.',
    verify: 'GET /v1/acls no longer has the rule.',
    *inspect({ acls }) {
      for (const acl of acls) {
        const isForAll = acl.resourceName === '*' || acl.resourceType === 'CLUSTER'
        const isBroad =
          acl.permission === 'ALLOW' &&
          ((acl.principal === 'User:*' && BROAD_OPERATIONS.has(acl.operation)) ||
            (acl.operation === 'ALL' && isForAll))
        if (!isBroad) continue
        const what = `${acl.operation} on ${acl.resourceType} ${acl.resourceName}`
        yield {
          resource: { kind: 'acl', name: acl.id },
          severity: acl.principal === 'User:*' ? 'critical' : 'important',
          summary: `${acl.principal} may do ${what} from ${acl.host}.`,
          facts: [],
          chart: null,
          cause: 'A rule from the first days, or one that was to make an error go away.',
          remedy: {
            steps: [
              'Add rules for those who need them, by principal and topic: glasslog_denials_total shows who else asks.',
              'Then remove this one; it can be brought back from the history.',
            ],
            action: {
              description: `Remove the rule: ${acl.principal} ${what}.`,
              ...{ method: 'DELETE', path: '/v1/acls', query: { id: acl.id }, reversible: true },
            },
          },
        }
      }
    },
  },
  {
    id: 'plain-without-tls',
    title: 'Passwords cross the network in the clear',
    area: 'security',
    severity: 'critical',
    looksAt: 'Logins by PLAIN while a listener speaks SASL_PLAINTEXT.',
    verify: 'glasslog_logins_total of PLAIN stands still, or no listener is SASL_PLAINTEXT.',
    *inspect({ readings, listeners }) {
      const logins = sumOf(readings.logins, { mechanism: 'PLAIN' })
      if (logins < 1) return
      for (const { name, protocol, host } of listeners) {
        if (protocol !== 'SASL_PLAINTEXT') continue
        yield {
          resource: { kind: 'listener', name },
          summary: `${rounded(logins)} logins by PLAIN came while ${name} at ${host} has no TLS.`,
          facts: [fact('logins', logins)],
          chart: {
            ...{ title: 'Logins by PLAIN', unit: 'logins', reading: 'logins' },
            labels: { mechanism: 'PLAIN' },
          },
          cause: 'PLAIN sends the password as it is: whoever sees the traffic has it.',
          remedy: {
            steps: [
              'Let clients log in by SCRAM-SHA-512: the same passwords work, and none crosses the network.',
              'Or give the listener TLS: protocol SASL_SSL, with ssl.keystore.location.',
              'Then take PLAIN out of sasl.enabled.mechanisms, and change the passwords.',
            ],
            action: null,
          },
        }
      }
    },
  },
  {
    id: 'stale-account',
    title: 'An account that nobody can use any more',
    area: 'security',
    severity: 'advice',
    looksAt: `Enabled accounts older than ${duration(STALE_AGE_MS)} without a password and without a token that is still good.`,
    verify: 'The account is disabled: GET /v1/accounts/{account}.',
    *inspect({ accounts, tokens, atMs }) {
      for (const account of accounts) {
        if (account.createdAt === null || account.disabled || account.hasPassword) continue
        if (atMs - Date.parse(account.createdAt) < STALE_AGE_MS) continue
        const good = tokens.some(
          ({ account: of, expiresAt }) =>
            of === account.name && (expiresAt === null || Date.parse(expiresAt) > atMs),
        )
        if (good) continue
        yield {
          resource: { kind: 'account', name: account.name },
          summary: `${account.name} has the roles ${account.roles.join(', ') || 'none'}, no password, and no token that is still good.`,
          facts: [fact('ageDays', (atMs - Date.parse(account.createdAt)) / DAY_MS, 'days')],
          chart: null,
          cause: 'Whoever used it has gone, and the account was left with its rights.',
          remedy: {
            steps: [
              'Disable it: whoever can make tokens could make one for it and act in its name.',
              'Delete it once its records in the history are not needed by name.',
            ],
            action: {
              description: `Disable the account ${account.name}.`,
              ...{ method: 'PATCH', path: pathOf('accounts', account.name), reversible: true },
              body: { disabled: true },
            },
          },
        }
      }
    },
  },
  {
    id: 'token-without-end',
    title: 'A token never expires',
    area: 'security',
    severity: 'advice',
    looksAt: `Tokens older than ${duration(TOKEN_AGE_MS)} that have no end.`,
    verify: 'GET /v1/tokens shows an end for each token.',
    *inspect({ tokens, atMs }) {
      for (const token of tokens) {
        const ageMs = atMs - Date.parse(token.createdAt)
        if (token.expiresAt !== null || ageMs < TOKEN_AGE_MS) continue
        yield {
          resource: { kind: 'token', name: token.id },
          summary: `The token "${token.label}" of ${token.account} is ${duration(ageMs)} old and never ends.`,
          facts: [fact('ageDays', ageMs / DAY_MS, 'days')],
          chart: null,
          cause: 'It was made without an end; whoever finds it years later gets in.',
          remedy: {
            steps: [
              'Make a new token with an end, put it where the old one is used, and see that it works.',
              'Then delete the old one.',
            ],
            action: {
              description: `Delete the token "${token.label}" of ${token.account}. It does not come back.`,
              ...{ method: 'DELETE', path: pathOf('tokens', token.id), reversible: false },
            },
          },
        }
      }
    },
  },
  {
    id: 'certificate-expiry',
    title: 'A certificate expires soon',
    area: 'security',
    severity: 'important',
    looksAt: `Certificates of listeners that end within ${duration(EXPIRY_ALARM_MS)}; critical within ${duration(EXPIRY_URGENT_MS)}.`,
    verify: 'openssl s_client shows a certificate that is good for long.',
    *inspect({ certificates, atMs }) {
      for (const { listener, notAfterMs } of certificates) {
        const leftMs = notAfterMs - atMs
        if (leftMs > EXPIRY_ALARM_MS) continue
        yield {
          resource: { kind: 'listener', name: listener },
          severity: leftMs < EXPIRY_URGENT_MS ? 'critical' : 'important',
          summary:
            leftMs <= 0
              ? `The certificate of ${listener} has expired.`
              : `The certificate of ${listener} is good for ${duration(leftMs)}.`,
          facts: [fact('daysLeft', leftMs / DAY_MS, 'days')],
          chart: null,
          cause: 'It was not renewed; once it has expired no client connects any more.',
          remedy: {
            steps: [
              'Renew it and put it in the same place (ssl.keystore.location): it is read within seconds, without a restart.',
              'Let a program renew it, as certbot or cert-manager do.',
            ],
            action: null,
          },
        }
      }
    },
  },
  {
    id: 'unpublished-checkpoint',
    title: 'Nobody outside has the proof of the history',
    area: 'audit',
    severity: 'important',
    looksAt: `Whether checkpoints are published at all, and by more than ${PUBLISHED_BEHIND} records behind.`,
    verify: 'glasslog_history_published_records follows glasslog_history_records.',
    *inspect({ readings }) {
      const records = onlyValue(readings.historyRecords)
      if (records === null) return
      const [best] = [...readings.publishedRecords].sort((a, b) => b.value - a.value)
      const behind = records - (best?.value ?? 0)
      if (best !== undefined && behind <= PUBLISHED_BEHIND) return
      yield {
        resource: { kind: 'cluster', name: 'history' },
        severity: best === undefined ? 'advice' : 'important',
        summary:
          best === undefined
            ? `No place outside gets checkpoints of the ${records} records of the history.`
            : `${best.labels.target} has a checkpoint of ${best.value} of ${records} records.`,
        facts: [fact('records', records), fact('published', best?.value ?? 0)],
        chart: {
          ...{ title: 'Records of the history', unit: 'records' },
          ...{ reading: 'historyRecords', labels: {} },
        },
        cause:
          best === undefined
            ? 'None of audit-checkpoint-file, audit-checkpoint-stdout and audit-witness is set: whoever owns the machine could write the history anew.'
            : 'The place that checkpoints are published to is not reachable, or full.',
        remedy: {
          steps: [
            'Set audit-checkpoint-file to a place that this machine cannot change afterwards, or audit-witness.',
            'See glasslog_history_publish_failures_total and the log for why a target does not take them.',
          ],
          action: null,
        },
      }
    },
  },
  {
    id: 'unsigned-history',
    title: 'Records of the history are not signed',
    area: 'audit',
    severity: 'critical',
    looksAt: `Records that no checkpoint covers for ${duration(UNSIGNED_SECONDS * 1000)}.`,
    verify: 'glasslog_history_unsigned_seconds is near 0.',
    *inspect({ readings }) {
      const seconds = onlyValue(readings.unsignedSeconds)
      if (seconds === null || seconds < UNSIGNED_SECONDS) return
      yield {
        resource: { kind: 'cluster', name: 'history' },
        summary: `Records of the history wait for their signature since ${duration(seconds * 1000)}.`,
        facts: [fact('unsigned', seconds, 'seconds')],
        chart: {
          ...{ title: 'Unsigned for', unit: 'seconds', reading: 'unsignedSeconds', labels: {} },
        },
        cause: 'The file of the key or of the checkpoint cannot be written, or is gone.',
        remedy: {
          steps: [
            'See glasslog_history_sign_failures_total and the log for the reason.',
            'Give the disk room, or put audit-key-file back.',
          ],
          action: null,
        },
      }
    },
  },
  {
    id: 'version-behind',
    title: 'The broker runs an older version than is installed',
    area: 'version',
    severity: 'advice',
    looksAt:
      "The broker's version against that of the monitor, which is installed together with it.",
    verify: 'glasslog_build_info has the version of the monitor.',
    *inspect({ readings, settings }) {
      for (const { labels } of readings.brokerVersion) {
        if (labels.version === undefined || !isBehind(labels.version, settings.version)) continue
        yield {
          resource: { kind: 'cluster', name: 'broker' },
          summary: `The broker runs ${labels.version}; ${settings.version} is installed.`,
          facts: [],
          chart: null,
          cause: 'The program was updated and the broker was not started anew.',
          remedy: {
            steps: [
              'Read CHANGELOG.md for what has changed.',
              'Take a backup (glasslog backup), then restart: SIGTERM ends the broker cleanly within 10 s.',
            ],
            action: null,
          },
        }
      }
    },
  },
  {
    id: 'probe-failing',
    title: 'Records of the probe do not come through',
    area: 'capacity',
    severity: 'critical',
    looksAt:
      'Records that the probe could not produce, or that did not come back: more than 0.05 %.',
    verify: 'glasslog_probe_up is 1 and no more records fail.',
    *inspect({ readings }) {
      const produced = onlyValue(readings.probeProduced) ?? 0
      const failed = onlyValue(readings.probeFailed) ?? 0
      if (produced < 1 || failed < 0.5 || failed / produced <= 0.0005) return
      yield {
        resource: { kind: 'cluster', name: 'probe' },
        summary: `${rounded(failed)} of ${rounded(produced)} records of the probe failed: ${percent(failed / produced)}.`,
        facts: [fact('produced', produced), fact('failed', failed)],
        chart: {
          ...{ title: 'Records of the probe that failed', unit: 'records' },
          ...{ reading: 'probeFailed', labels: {} },
        },
        cause:
          'What the probe meets, applications meet too: a broker that is down, full, or very slow.',
        remedy: {
          steps: [
            'See whether the broker is up and takes records: GET /readyz, and the findings about the disk.',
            'See where the time goes: glasslog_request_stage_duration_seconds of Produce and Fetch.',
          ],
          action: null,
        },
      }
    },
  },
  {
    id: 'deleted-topics-hold-space',
    title: 'Deleted topics hold much of the disk',
    area: 'disk',
    severity: 'advice',
    looksAt:
      'Deleted topics that can still be restored and hold more than a tenth of what is in use.',
    verify: 'glasslog_deleted_topics_bytes goes down.',
    *inspect({ deletedTopics, disk }) {
      for (const topic of deletedTopics) {
        if (topic.sizeBytes < 1024 * 1024 || topic.sizeBytes < disk.usedBytes / 10) continue
        yield {
          resource: { kind: 'topic', name: topic.name },
          summary: `${topic.name} is deleted and still holds ${bytes(topic.sizeBytes)}.`,
          facts: [fact('bytes', topic.sizeBytes, 'bytes')],
          chart: null,
          cause: 'A deleted topic can be restored until topic.undelete.retention.ms is over.',
          remedy: {
            steps: ['If nobody will want it back, give its space back now.'],
            action: {
              description: `Give back the space of ${topic.name}. It cannot be restored any more.`,
              ...{ method: 'DELETE', path: pathOf('deleted-topics', topic.id), reversible: false },
            },
          },
        }
      }
    },
  },
]
