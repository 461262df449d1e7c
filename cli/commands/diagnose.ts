import { askAdmin } from '../admin-client.ts'
import { parseArguments, wrongUsage } from '../arguments.ts'
import { CONSOLE_FLAGS, findConsole } from '../console-client.ts'
import { EXIT } from '../exit-codes.ts'
import { terminalText } from '../terminal-text.ts'

/** `glasslog diagnose group NAME | topic NAME | disk`: causes, the likeliest first. */
export async function diagnose(args: readonly string[]): Promise<number> {
  const { flags, words } = parseArguments(args, {
    command: 'diagnose',
    valued: [...CONSOLE_FLAGS],
    switches: ['json'],
  })
  const [kind, name, ...rest] = words
  const query =
    kind === 'disk' && name === undefined
      ? 'disk='
      : (kind === 'group' || kind === 'topic') && name !== undefined
        ? `${kind}=${encodeURIComponent(name)}`
        : null
  if (query === null || rest.length > 0)
    throw wrongUsage('diagnose', 'diagnose takes group NAME, topic NAME, or disk')
  const answer = (await askAdmin(await findConsole(flags), `/v1/diagnose?${query}`)) as {
    causes: { title: string; score: number; evidence: string[]; remedy: string[] }[]
  }
  if (flags.has('json')) {
    console.log(JSON.stringify(answer, null, 2))
    return EXIT.ok
  }
  if (answer.causes.length === 0) console.log('Nothing unusual is seen.')
  for (const { title, score, evidence, remedy } of answer.causes) {
    console.log(`${Math.round(score * 100)} %  ${title}`)
    for (const line of evidence) console.log(`      ${terminalText(line)}`)
    for (const line of remedy) console.log(`      - ${terminalText(line)}`)
  }
  return EXIT.ok
}
