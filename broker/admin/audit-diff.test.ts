import { expect, it } from 'vitest'
import { startTestAdmin } from '../../test/support/test-admin.ts'

interface Diff {
  readonly from: number
  readonly to: number
  readonly changes: readonly {
    readonly resource: { readonly kind: string; readonly name: string }
  }[]
  readonly next: string | null
}

it('what differs between two moments comes in pages, however much it is', async () => {
  const admin = await startTestAdmin()
  const names = Array.from({ length: 25 }, (_, number) => `topic-${number + 10}`)
  for (const name of names) await admin.broker.createTopic(name)
  const diff = async (query: string): Promise<Diff> =>
    (await admin.call(`GET /v1/audit/diff?from=0${query}`)).body as Diff
  const whole = await diff('')
  expect(whole).toMatchObject({ from: 0, to: 25, next: null })
  expect(whole.changes.map(({ resource }) => resource.name).sort()).toEqual(names)
  const found: Diff['changes'][number][] = []
  const sizes: number[] = []
  for (let cursor = ''; ; ) {
    const page = await diff(`&to=25&limit=10${cursor}`)
    found.push(...page.changes)
    sizes.push(page.changes.length)
    // What comes meanwhile is not of that moment.
    await admin.broker.createTopic(`later-${sizes.length}`)
    if (page.next === null) break
    cursor = `&cursor=${encodeURIComponent(page.next)}`
  }
  expect(sizes).toEqual([10, 10, 5])
  expect(found).toEqual(whole.changes)
  expect((await admin.call('GET /v1/audit/diff?from=0&limit=10001')).status).toBe(400)
  await admin.stop()
})
