import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** kcat as a client of Kafka 0.9, whose records the broker has to convert. Debian's package is enough. */
const AS_OLD = [
  ...['-X', 'api.version.request=false', '-X', 'broker.version.fallback=0.9.0'],
  ...['-X', 'client.id=old-kcat'],
]

/** Writes some records in the old format and reads the topic in it. */
export async function produceAndConsumeAsOld(bootstrap: string): Promise<void> {
  await kcat(['-P', '-b', bootstrap, '-t', 'old-format', ...AS_OLD], 'one\ntwo\nthree\n')
  await kcat(['-C', '-b', bootstrap, '-t', 'old-format', '-e', '-q', ...AS_OLD], '')
}

async function kcat(args: readonly string[], input: string): Promise<void> {
  const child = spawn('kcat', args, { stdio: ['pipe', 'ignore', 'pipe'], timeout: 10_000 })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (piece: string) => {
    stderr += piece
  })
  child.stdin.end(input)
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0) throw new Error(`kcat ended with ${code}: ${stderr}`)
}
