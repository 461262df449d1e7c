import { seededRandom } from '../../kit/index.ts'
import { ExampleRecords } from './example-records.ts'
import { openTrail } from './open-trail.ts'
import { megabytes } from './stopwatch.ts'

const BATCH_RECORDS = 20

/** Appends example records until there are `wanted`, for at most so long. Answers how many there are. */
export async function fill(
  directory: string,
  wanted: number,
  limitSeconds: number,
): Promise<number> {
  const { history, trail, signer, close } = await openTrail(directory)
  const random = seededRandom(history.nextSeq + 1)
  const records = new ExampleRecords(random, signer.verifier.text, trail.state)
  const from = history.nextSeq
  const startedMs = performance.now()
  const endMs = startedMs + limitSeconds * 1000
  while (history.nextSeq < wanted && performance.now() < endMs) {
    const first = history.nextSeq
    const count = Math.min(BATCH_RECORDS, wanted - first)
    const batch = Array.from({ length: count }, (_, at) => records.next(first + at))
    const answer = await history.append(batch)
    if (answer.kind !== 'appended') throw new Error(JSON.stringify(answer))
  }
  const size = history.nextSeq
  const perSecond = ((size - from) / (performance.now() - startedMs)) * 1000
  await close()
  console.log(`${size} records, ${size - from} of them new (${Math.round(perSecond)} records/s)`)
  console.log(`peak memory ${megabytes(process.resourceUsage().maxRSS * 1024)}`)
  return size
}
