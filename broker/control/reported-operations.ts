import type { Json } from '../../audit/index.ts'

/**
 * What the monitor does itself and tells the history of. It is the master of these things, because it
 * has to work while the broker is away; so they change nothing here but how far its report has come.
 */
export const REPORTED_OPERATIONS = {
  'silence.create': { resource: 'silence', doc: 'Somebody does not want to hear of some alerts.' },
  'silence.update': { resource: 'silence', doc: 'A silence was changed.' },
  'silence.expire': { resource: 'silence', doc: 'A silence was ended before its time.' },
  'alert.acknowledge': { resource: 'alert', doc: 'Somebody looks after an alert.' },
  'alert.unacknowledge': { resource: 'alert', doc: 'Nobody looks after an alert any more.' },
  'ticket.create': { resource: 'ticket', doc: 'A ticket was opened.' },
  'ticket.update': { resource: 'ticket', doc: 'A ticket was changed, or commented on.' },
  'inspection.mute': { resource: 'finding', doc: 'A finding is not shown for a while.' },
  'inspection.unmute': { resource: 'finding', doc: 'A finding is shown again.' },
  'inspection.fix': { resource: 'finding', doc: 'Somebody says that a finding is dealt with.' },
  'disk.action.begin': {
    resource: 'disk-action',
    doc: 'The monitor is about to do something about a disk: the intent.',
  },
  'disk.action.end': {
    resource: 'disk-action',
    doc: 'What came of something that was done about a disk: the outcome.',
  },
  'contact-point.test': {
    resource: 'contact-point-test',
    doc: 'Somebody had a contact point tried out.',
  },
} as const satisfies Readonly<Record<string, { readonly resource: string; readonly doc: string }>>

export type ReportedKind = keyof typeof REPORTED_OPERATIONS

/** What reports are about. */
export type ReportedResource = (typeof REPORTED_OPERATIONS)[ReportedKind]['resource']

export const reportedKinds = Object.keys(REPORTED_OPERATIONS) as readonly ReportedKind[]

/** Something that happened in the monitor. Idempotent by its place in the outbox that it comes from. */
export interface ReportedOperation<Kind extends ReportedKind> {
  readonly kind: Kind
  /** Id of the silence, ticket, finding and so on. */
  readonly name: string
  /** What the monitor keeps its reports in until they are taken; another one after it was lost. */
  readonly outbox: string
  /** From 1, rising; what is not above the last one of the outbox is there already. */
  readonly position: number
  /** What it was and what it is, without secrets. */
  readonly from: Json
  readonly to: Json
}

/** One of each kind. */
export type ReportedOperations = {
  readonly [Kind in ReportedKind]: ReportedOperation<Kind>
}[ReportedKind]

/** Longest name, value and id of an outbox of a report, and how deep a value goes. */
export const REPORT_BOUNDS = {
  nameLength: 300,
  valueBytes: 16 * 1024,
  valueDepth: 32,
  outbox: /^[A-Za-z0-9_-]{8,64}$/,
  outboxes: 1_000,
} as const
