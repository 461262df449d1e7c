import { EXIT } from '../exit-codes.ts'
import { parseServerOptions } from '../options.ts'
import { SupervisedProcess } from '../supervised-process.ts'

/**
 * `glasslog start`: the broker and the monitor, each in a process of its own. The broker goes on when the monitor
 * ends, and is what decides how this ends; a monitor that never becomes ready ends both, because its fault is one
 * of the configuration or of a port.
 */
export async function start(args: readonly string[]): Promise<number> {
  // Faults of the configuration are told once, here, and not by a child that comes and goes.
  await parseServerOptions(args, process.env)
  const broker = new SupervisedProcess('broker', args, ['kafka', 'admin'])
  const monitor = new SupervisedProcess('monitor', args, ['console'])
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      monitor.stop()
      broker.stop()
    })
  }
  const brokerEnd = broker.run()
  const brokerParts = await Promise.race([broker.ready, brokerEnd])
  if (typeof brokerParts === 'number') return brokerParts

  // After the broker: on a small machine it is to be there first.
  const monitorEnd = monitor.run()
  const monitorParts = await Promise.race([monitor.ready, monitorEnd, brokerEnd])
  if (typeof monitorParts === 'number') {
    monitor.stop()
    broker.stop()
    const [monitorCode, brokerCode] = await Promise.all([monitorEnd, brokerEnd])
    return brokerCode === EXIT.ok ? monitorCode : brokerCode
  }
  // It names this process, which is the one that a person or an init system stops.
  console.log(`glasslog ready ${brokerParts} ${monitorParts} pid=${process.pid}`)
  const exitCode = await brokerEnd
  monitor.stop()
  await monitorEnd
  return exitCode
}
