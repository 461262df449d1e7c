import type { Static } from 'typebox'
import { Type } from 'typebox'
import type { DiskPolicyDriver, DiskPolicyMode } from '../../control/index.ts'
import {
  DEFAULT_DISK_POLICY,
  DISK_POLICY_BOUNDS,
  DISK_POLICY_DRIVERS,
  DISK_POLICY_MODES,
} from '../../control/index.ts'
import { BY_COMMAND, onCluster } from '../access/route-access.ts'
import type { AdminPlugin } from '../http/admin-plugin.ts'
import { setETag } from '../http/etag.ts'
import {
  answerMutation,
  executeOne,
  ifMatchHeaders,
  mutated,
  mutationQuery,
  present,
} from '../http/mutation.ts'
import { closed, nullable, oneOf, wholeNumber } from '../http/schema.ts'

const modes = Object.keys(DISK_POLICY_MODES) as readonly DiskPolicyMode[]
const drivers = Object.keys(DISK_POLICY_DRIVERS) as readonly DiskPolicyDriver[]
const timeOfDay = Type.String({ pattern: '^([01]\\d|2[0-3]):[0-5]\\d$' })
const windowSchema = closed({ from: timeOfDay, to: timeOfDay }, { title: 'PlanWindow' })

const bounded = (name: keyof typeof DISK_POLICY_BOUNDS, description: string) =>
  Type.Integer({ ...DISK_POLICY_BOUNDS[name], default: DEFAULT_DISK_POLICY[name], description })

const policyMembers = {
  mode: oneOf(modes, {
    description:
      '`retention`: records are kept for a shorter time; `expansion`: the capacity grows; `off`: neither. At most one of both.',
  }),
  driver: oneOf(drivers, {
    default: DEFAULT_DISK_POLICY.driver,
    description:
      'How a volume grows. How to reach LVM, Kubernetes or a webhook is of the configuration of the monitor.',
  }),
  planWindow: Type.Unsafe<Static<typeof windowSchema> | null>({
    anyOf: [windowSchema, { type: 'null' }],
    description:
      'Times of day (UTC) between which steps are taken, over midnight where `to` comes first; null for at any time.',
  }),
  thresholdPercent: bounded('thresholdPercent', 'How full the disk is when a step is due.'),
  stepPercent: bounded('stepPercent', 'How much of retention or capacity one step is.'),
  cooldownMs: bounded('cooldownMs', 'Time between two steps.'),
  retentionFloorMs: bounded(
    'retentionFloorMs',
    'No topic keeps its records for less; one that asks for less has that.',
  ),
  capacityCeilingBytes: nullable(
    Type.Integer({
      ...{ minimum: 1, maximum: Number.MAX_SAFE_INTEGER },
      description: 'Beyond this no step expands; null for what the file system has.',
    }),
  ),
  capacityGranularityBytes: bounded(
    'capacityGranularityBytes',
    'Capacity grows by multiples of it.',
  ),
  effectiveRetentionPercent: bounded(
    'effectiveRetentionPercent',
    'How much of their retention.ms topics keep at present; below 100 only in the mode retention. The broker obeys it at once.',
  ),
}

const policyNote =
  'The mode with its threshold, step, cooldown and bounds is kept here for whoever watches the disk: the broker takes no steps by itself. What it does obey is effectiveRetentionPercent: topics keep their records for that part of their retention.ms, but not for less than retentionFloorMs; a retention without an end stays one, and internal topics keep theirs.'

const capacityMembers = {
  capacityBytes: nullable(
    wholeNumber('How much of its volume the broker may use; null for all that is there.'),
  ),
  usedBytes: wholeNumber('Record batches and the journal.'),
  freeBytes: nullable(wholeNumber('In the file system; null until it was looked at.')),
  floorBytes: wholeNumber(
    'Below so much free space, of capacity or file system, records are refused.',
  ),
}

/** `/v1/disk-capacity` and `/v1/disk-policy`: how much room there is, and what happens when it ends. */
export const diskRoutes: AdminPlugin = (app, services) => {
  const { control, log } = services.broker

  app.get(
    '/v1/disk-capacity',
    {
      config: { access: onCluster('DESCRIBE') },
      schema: {
        summary: 'How much of its volume the broker may use',
        operationId: 'getDiskCapacity',
        tags: ['Disk'],
        response: { 200: closed(capacityMembers, { title: 'DiskCapacity' }) },
      },
    },
    async (_, reply) => {
      const name = String(services.broker.node.id)
      setETag(reply, services.lastSeqOf({ kind: 'disk-capacity', name, id: null }))
      return { capacityBytes: control.state.diskCapacityBytes, ...log.diskSpace }
    },
  )

  app.put(
    '/v1/disk-capacity',
    {
      config: { access: BY_COMMAND },
      schema: {
        summary: 'Set how much of its volume the broker may use',
        description:
          'Never more than is in use and free in the file system, nor less than is in use and the floor. Once it is full records are refused as on a full disk; reads, deletions and control operations go on.',
        operationId: 'putDiskCapacity',
        tags: ['Disk'],
        headers: ifMatchHeaders,
        querystring: mutationQuery,
        body: closed(
          {
            capacityBytes: nullable(Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })),
          },
          { title: 'DiskCapacitySetting' },
        ),
        response: { 200: mutated('SetDiskCapacity', capacityMembers) },
      },
    },
    async (request, reply) => {
      const { capacityBytes } = request.body
      const command = { kind: 'disk.capacity.alter', capacityBytes } as const
      const { result } = await executeOne(control, request, command)
      return answerMutation(reply, { capacityBytes, ...log.diskSpace, ...result })
    },
  )

  app.get(
    '/v1/disk-policy',
    {
      config: { access: onCluster('DESCRIBE') },
      schema: {
        summary: 'What shall happen when the disk fills',
        description: policyNote,
        operationId: 'getDiskPolicy',
        tags: ['Disk'],
        response: { 200: closed(policyMembers, { title: 'DiskPolicy' }) },
      },
    },
    async (_, reply) => {
      setETag(reply, services.lastSeqOf({ kind: 'disk-policy', name: 'disk-policy', id: null }))
      return { ...(control.state.diskPolicy ?? DEFAULT_DISK_POLICY) }
    },
  )

  app.put(
    '/v1/disk-policy',
    {
      config: { access: BY_COMMAND },
      schema: {
        summary: 'Replace what shall happen when the disk fills',
        description: `${policyNote} What is left out has its default.`,
        operationId: 'putDiskPolicy',
        tags: ['Disk'],
        headers: ifMatchHeaders,
        querystring: mutationQuery,
        body: Type.Partial(closed(policyMembers), {
          title: 'DiskPolicySetting',
          additionalProperties: false,
        }),
        response: { 200: mutated('SetDiskPolicy', policyMembers) },
      },
    },
    async (request, reply) => {
      const policy = { ...DEFAULT_DISK_POLICY, ...request.body }
      const command = { kind: 'retention-policy.alter', policy } as const
      const { after, result } = await executeOne(control, request, command)
      return answerMutation(reply, { ...present(after), ...result })
    },
  )
}
