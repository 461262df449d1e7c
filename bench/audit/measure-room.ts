import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { inclusionOf } from '../../audit/index.ts'
import { EXAMPLE_QUERIES } from './example-queries.ts'
import { openTrail } from './open-trail.ts'
import { megabytes, timed } from './stopwatch.ts'

/** The history by itself in this process: what its parts cost without a broker around them. */
export async function measureRoom(directory: string): Promise<void> {
  const { history, trail, close } = await timed('open store, trail, state, index', () =>
    openTrail(directory),
  )
  const size = history.nextSeq
  for (const query of EXAMPLE_QUERIES) {
    const page = await timed(`first page of ${JSON.stringify(query)}`, () => trail.query(query))
    console.log(`  ${page.records.length} records, ${page.next === null ? 'the end' : 'more'}`)
  }
  for (const part of [0.1, 0.5, 0.77, 0.999]) {
    const seq = Math.floor(size * part)
    const state = await timed(`state after record ${seq}`, () => trail.stateAt({ seq }))
    console.log(`  ${state.size} resources`)
  }
  await timed('inclusion proof', () => inclusionOf(trail.tree, Math.floor(size / 3), size))
  const path = `${directory}/export.jsonl`
  const out = createWriteStream(path)
  await timed('export with proof', async () => {
    for await (const piece of trail.export()) {
      if (!out.write(piece)) await once(out, 'drain')
    }
    out.end()
    await once(out, 'finish')
  })
  await rm(path)
  console.log(`peak memory ${megabytes(process.resourceUsage().maxRSS * 1024)}`)
  await close()
}
