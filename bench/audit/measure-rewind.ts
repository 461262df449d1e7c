import type { BrokerOn } from './broker-on.ts'
import { startBrokerOn } from './broker-on.ts'
import { timed } from './stopwatch.ts'

const OPERATIONS = 1_000
/** Groups are in the example history and not in the broker. */
const KINDS = ['topic', 'acl', 'role', 'account']

interface RewindView {
  readonly error: string
  readonly message: string | null
  readonly steps: readonly unknown[]
  readonly conflicts: readonly unknown[]
}

/** Takes back what the last records of the directory did, and then configurations that it changes itself. */
export async function measureRewind(directory: string): Promise<void> {
  const broker = await startBrokerOn(directory)
  try {
    const last = await lastSeq(broker)
    await rewind(broker, `the last ${OPERATIONS} records`, last - OPERATIONS, KINDS)
    const from = await lastSeq(broker)
    await timed(`${OPERATIONS} changes of configurations, over HTTP`, () => changeConfigs(broker))
    await rewind(broker, `${OPERATIONS} changes of configurations`, from, ['topic'])
  } finally {
    await broker.stop()
  }
}

async function rewind(
  broker: BrokerOn,
  what: string,
  to: number,
  kinds: readonly string[],
): Promise<void> {
  const body = { to: String(to), scope: { kinds } }
  for (const target of ['POST /v1/audit/rewind?dryRun=true', 'POST /v1/audit/rewind']) {
    const name = target.endsWith('true') ? 'plan of' : 'rewind of'
    const view = await timed(`${name} ${what}`, async () => {
      return (await (await broker.ask(target, body)).json()) as RewindView
    })
    const { error, message, steps, conflicts } = view
    console.log(`  ${steps.length} steps, ${conflicts.length} conflicts, ${error} ${message ?? ''}`)
  }
}

async function lastSeq(broker: BrokerOn): Promise<number> {
  const { records } = (await (await broker.ask('GET /v1/audit?limit=1')).json()) as {
    readonly records: readonly { readonly seq: number }[]
  }
  return records[0]?.seq ?? 0
}

/** A change of each of so many topics. */
async function changeConfigs(broker: BrokerOn): Promise<void> {
  const { topics } = (await (
    await broker.ask(`GET /v1/topics?internal=false&limit=${OPERATIONS}`)
  ).json()) as { readonly topics: readonly { readonly name: string }[] }
  for (const [number, { name }] of topics.entries()) {
    const configs = { 'segment.ms': String(100_000 + number) }
    await (await broker.ask(`PATCH /v1/topics/${name}`, { configs })).text()
  }
}
