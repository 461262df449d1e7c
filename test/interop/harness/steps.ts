/**
 * Every step of the scenario, in the order of the table, with what a client does in it. Each client
 * reports every step, as `unsupported` with a reason where it has no such call; a step that is not
 * reported has failed. The README has the details that the clients agree on.
 */
export const steps = {
  'create-topic': 'create the scenario topics; creating one again is refused',
  'auto-create-topic': 'produce to a topic that nobody created',
  acks: 'produce with acks 0, 1 and all',
  'roundtrip-none': '10,000 records, not compressed',
  'roundtrip-gzip': '10,000 records, gzip',
  'roundtrip-snappy': '10,000 records, snappy',
  'roundtrip-lz4': '10,000 records, lz4',
  'roundtrip-zstd': '10,000 records, zstd',
  headers: 'record headers: repeated names, empty and null values, binary',
  idempotent: 'an idempotent producer, many batches in flight',
  'group-share': 'two members of a group share a topic',
  'group-takeover': 'one member leaves, the other takes over all partitions',
  'group-static': 'a static member returns without a rebalance',
  'group-cooperative': 'incremental cooperative rebalance',
  'commit-resume': 'commit offsets, leave, resume from the committed place',
  'offset-bounds': 'a consumer asks for the earliest and latest offset',
  'seek-time': 'seek to the first record at or after a time',
  'api-versions': 'ask which APIs the broker speaks',
  'describe-cluster': 'brokers, controller, cluster id',
  'describe-topics': 'partitions, leader, replicas, and an unknown topic',
  'create-partitions': 'add partitions to a topic',
  'describe-configs': 'configs of a topic and of the broker',
  'list-config-resources': 'which topics, brokers and groups have configs',
  'alter-configs-incremental': 'set and unset one config, the others stay',
  'alter-configs-legacy': 'replace all configs of a topic',
  'list-groups': 'groups and their states',
  'describe-group': 'members and their partitions',
  'list-group-offsets': 'committed offsets of a group',
  'alter-group-offsets': 'move the committed offsets of an empty group',
  'delete-group-offsets': 'delete a committed offset of an empty group',
  'delete-group': 'delete an empty group',
  'list-offsets': 'earliest, latest, by time, and where the client has it by largest timestamp',
  'delete-records': 'raise the log start offset',
  'describe-log-dirs': 'log directories and sizes of partitions',
  'describe-producers': 'active producers of a partition',
  'elect-leaders': 'preferred leader election',
  'list-reassignments': 'ongoing partition reassignments (none)',
  'delete-topic': 'delete a topic; producing to it is then refused or re-creates it',
  'cross-read': 'read what the other clients wrote',
} as const

export type StepName = keyof typeof steps

export const stepNames = Object.keys(steps) as readonly StepName[]

/** The step of the second phase, which needs the topics that the first phase left behind. */
export const crossReadStep: StepName = 'cross-read'

export type StepStatus = 'ok' | 'fail' | 'unsupported' | 'missing'

export type StepResult = {
  readonly name: StepName
  readonly status: StepStatus
  readonly detail: string
}

const STEP_LINE = /^STEP (\S+) (ok|fail|unsupported)(?: (.*))?$/

/** Reads one line of a client's standard output; null when the line is not about a step. */
export function parseStepLine(line: string): StepResult | null {
  const match = STEP_LINE.exec(line)
  if (!match) return null
  const [, name, status, detail = ''] = match
  if (!isStepName(name)) throw new Error(`unknown step in "${line}"`)
  return { name, status: status as StepStatus, detail }
}

function isStepName(name: string | undefined): name is StepName {
  return name !== undefined && Object.hasOwn(steps, name)
}

/** Every step failed for one reason, as when a client could not even start. */
export function allFailed(detail: string): readonly StepResult[] {
  return stepNames.map((name) => ({ name, status: 'fail', detail }))
}
