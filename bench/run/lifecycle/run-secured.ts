import type { Address } from '../../client/connections.ts'
import { withConnections } from '../../client/connections.ts'
import type { SecuredLoad } from '../../loads/load.ts'
import { summarize } from '../../measure/statistics.ts'
import { whole } from '../../report/figures.ts'
import type { Installation } from '../../target/installation.ts'
import type { Outcome } from '../measurement.ts'
import type { RunLimits } from '../run-context.ts'
import { createRunContext } from '../run-context.ts'
import { runProduce } from '../run-produce.ts'
import { createAcls } from './create-acls.ts'
import { createCertificate } from './self-signed.ts'

/** How the broker is started, and how clients come to it. */
interface Security {
  readonly flags: readonly string[]
  readonly address: Address
}

interface Phase {
  readonly recordsPerSecond: number
  readonly cpuMicrosPerRecord: number
}

const ACL_FLAGS = ['--override', 'glasslog.authorizer=acl']

/** The same producers with and without what makes them safe, in turn, on one data directory. */
export async function runSecured(
  load: SecuredLoad,
  installation: Installation,
  limits: RunLimits,
): Promise<Outcome> {
  const { address } = installation
  const plain: Security = { flags: [], address }
  if (load.secured === 'tls') {
    const certificate = await createCertificate()
    try {
      const { path, pem } = certificate
      const listener = `listeners=SSL://${address.host}:${address.port}`
      const flags = ['--override', listener, '--override', `ssl.keystore.location=${path}`]
      return await compare(load, installation, limits, plain, {
        flags,
        address: { ...address, authority: pem },
      })
    } finally {
      await certificate.remove()
    }
  }
  const settingUp = [...ACL_FLAGS, '--override', 'super.users=User:ANONYMOUS']
  await onBroker(installation, { flags: settingUp, address }, () =>
    withConnections(address, { count: 1, limitMs: limits.measureMs + 60_000 }, async ([first]) => {
      if (first) await createAcls(first)
    }),
  )
  return compare(load, installation, limits, plain, { flags: ACL_FLAGS, address })
}

async function compare(
  load: SecuredLoad,
  installation: Installation,
  limits: RunLimits,
  plain: Security,
  secured: Security,
): Promise<Outcome> {
  const rounds: { readonly plain: Phase; readonly secured: Phase }[] = []
  const startedMs = performance.now()
  while (rounds.length < load.rounds) {
    rounds.push({
      plain: await phase(load, installation, limits, plain),
      secured: await phase(load, installation, limits, secured),
    })
  }
  const name = load.secured === 'tls' ? 'TLS' : 'ACLs'
  const of = (figure: (round: (typeof rounds)[number]) => number): number =>
    summarize(rounds.map(figure)).median
  const fast = of((round) => round.plain.recordsPerSecond)
  const safe = of((round) => round.secured.recordsPerSecond)
  return {
    seconds: (performance.now() - startedMs) / 1000,
    figures: {
      'CPU us/record, plain': of((round) => round.plain.cpuMicrosPerRecord),
      [`CPU us/record, ${name}`]: of((round) => round.secured.cpuMicrosPerRecord),
      [`${name} : plain, records/s`]: of(
        (round) => round.secured.recordsPerSecond / round.plain.recordsPerSecond,
      ),
      [`${name} : plain, CPU`]: of(
        (round) => round.secured.cpuMicrosPerRecord / round.plain.cpuMicrosPerRecord,
      ),
    },
    detail: `${whole(fast)} records/s plain, ${whole(safe)} with ${name}, ${load.rounds} rounds`,
  }
}

function phase(
  load: SecuredLoad,
  installation: Installation,
  limits: RunLimits,
  security: Security,
): Promise<Phase> {
  return onBroker(installation, security, async (pid) => {
    const context = createRunContext(load.name, { address: security.address, pid }, limits)
    const { recordsPerSecond, brokerCpuSeconds } = await runProduce(load, context)
    return {
      recordsPerSecond: recordsPerSecond ?? 0,
      cpuMicrosPerRecord: ((brokerCpuSeconds ?? 0) * 1e6) / context.meter.written,
    }
  })
}

async function onBroker<Result>(
  installation: Installation,
  { flags }: Security,
  work: (pid: number) => Promise<Result>,
): Promise<Result> {
  const broker = installation.spawn(flags)
  try {
    await broker.waitForLine(installation.readyLine)
    return await Promise.race([work(broker.pid), broker.failed])
  } finally {
    await broker.stop()
  }
}
