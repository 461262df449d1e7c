import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { pythonOf } from '../../interop/harness/python.ts'
import { prometheusApi } from '../prometheus-api.ts'
import { Clients } from './clients.ts'
import type { GlasslogUnderTest } from './glasslog-under-test.ts'
import { produceAndConsumeAsOld } from './old-client.ts'
import { Operator } from './operator.ts'
import { Repeated } from './repeat.ts'

/** Everything that happens to a broker while its boards are looked at. */
export interface Scenario {
  /** What went wrong in it, by kind of work: the boards may be empty because of that. */
  failures(): ReadonlyMap<string, string>
  stop(): Promise<void>
}

export async function startScenario({
  adminUrl,
  monitorUrl,
  token,
}: GlasslogUnderTest): Promise<Scenario> {
  const operator = new Operator(adminUrl, token)
  await operator.setUp()
  const listeners = {
    plain: await operator.addressOf('PLAIN'),
    login: await operator.addressOf('LOGIN'),
    tls: await operator.addressOf('TLS'),
  }
  const repeated = new Repeated()
  const clients = new Clients(listeners, repeated)
  await clients.start()
  const reporting = await startReportingClient(listeners.plain)
  repeated.start('old client', 3_000, () => produceAndConsumeAsOld(listeners.plain))
  repeated.start('operator', 2_000, () => operator.changeSomething())
  const viewer = prometheusApi(monitorUrl, token)
  repeated.start('viewer', 1_000, () => viewer.query('sum(rate(glasslog_appends_total[1m]))'))
  await operator.ask('DELETE', '/v1/topics/deleted')
  return {
    failures: () => repeated.failures,
    async stop() {
      await clients.stop()
      await repeated.stop()
      reporting.stdin?.end()
      if (reporting.exitCode === null) await once(reporting, 'exit')
    },
  }
}

/** librdkafka in Python, which the suite of real clients has already. */
async function startReportingClient(bootstrap: string): Promise<ChildProcess> {
  const script = join(import.meta.dirname, 'reporting-client.py')
  return spawn(await pythonOf(), [script, bootstrap], { stdio: ['pipe', 'ignore', 'inherit'] })
}
