import { fill } from './fill.ts'
import { measureBroker } from './measure-broker.ts'
import { measureControl } from './measure-control.ts'
import { measureRewind } from './measure-rewind.ts'
import { measureRoom } from './measure-room.ts'

/**
 * How fast a large history is, and control operations are.
 *
 *     node bench/audit/main.ts fill DIR [RECORDS] [SECONDS]   fills DIR up to that many records, for
 *                                                             at most so long; call it again to go on
 *     node bench/audit/main.ts room DIR                       the history by itself, in this process
 *     node bench/audit/main.ts broker DIR                     a whole broker on it, over HTTP
 *     node bench/audit/main.ts rewind DIR                     takes a thousand operations back, twice
 *     node bench/audit/main.ts control                        control operations, idle and under load
 */
const [what = '', directory = '', records = '1000000', seconds = '80'] = process.argv.slice(2)

const COMMANDS: Readonly<Record<string, () => Promise<unknown>>> = {
  fill: () => fill(directory, Number(records), Number(seconds)),
  room: () => measureRoom(directory),
  broker: () => measureBroker(directory),
  rewind: () => measureRewind(directory),
  control: measureControl,
}

const command = COMMANDS[what]
if (!command || (directory === '' && what !== 'control')) {
  throw new Error('fill, room, broker or rewind with a directory, or control')
}
await command()
