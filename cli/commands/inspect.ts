import { postAdmin } from '../admin-client.ts'
import { parseArguments, wrongUsage } from '../arguments.ts'
import { CONSOLE_FLAGS, findConsole } from '../console-client.ts'
import { EXIT } from '../exit-codes.ts'
import { terminalText } from '../terminal-text.ts'

const SEVERITIES = ['critical', 'important', 'advice']

interface Finding {
  readonly id: string
  readonly severity: string
  readonly title: string
  readonly resource: { readonly kind: string; readonly name: string }
  readonly summary: string
  readonly cause: string
  readonly verify: string
  readonly remedy: { readonly steps: readonly string[]; readonly action: object | null }
}

interface Report {
  readonly health: { readonly state: string; readonly message: string }
  readonly checks: number
  readonly findings: readonly Finding[]
}

/** `glasslog inspect`: inspects now and prints what is open; exit code 10 when there is something. */
export async function inspect(args: readonly string[]): Promise<number> {
  const { flags, words } = parseArguments(args, {
    command: 'inspect',
    valued: [...CONSOLE_FLAGS, 'severity', 'remedy'],
    switches: ['json', 'apply'],
  })
  const least = SEVERITIES.indexOf(flags.get('severity') ?? 'advice')
  if (words.length > 0 || least < 0)
    throw wrongUsage('inspect', `inspect takes no words, and --severity ${SEVERITIES.join(', ')}`)
  const remedy = flags.get('remedy')
  if (remedy === undefined && flags.has('apply'))
    throw wrongUsage('inspect', '--apply needs --remedy ID: one remedy at a time')
  const target = await findConsole(flags)
  if (remedy !== undefined) {
    const path = `/v1/inspections/${encodeURIComponent(remedy)}/remedy`
    const outcome = await postAdmin(target, path, { apply: flags.has('apply') })
    console.log(JSON.stringify(outcome, null, 2))
    return EXIT.ok
  }
  const report = (await postAdmin(target, '/v1/inspections/run', {})) as Report
  const found = report.findings.filter(({ severity }) => SEVERITIES.indexOf(severity) <= least)
  if (flags.has('json')) console.log(JSON.stringify({ ...report, findings: found }, null, 2))
  else print({ ...report, findings: found })
  return found.length === 0 ? EXIT.ok : EXIT.findings
}

function print({ health, checks, findings }: Report): void {
  console.log(`${health.state}${health.message === '' ? '' : `: ${health.message}`}`)
  console.log(`${checks} checks, ${findings.length} findings`)
  for (const finding of findings) {
    const { severity, title, resource, summary, cause, remedy, verify, id } = finding
    const name = terminalText(resource.name)
    console.log(`\n[${severity}] ${title}: ${resource.kind} ${name}\n  ${terminalText(summary)}`)
    console.log(`  Likely cause: ${terminalText(cause)}`)
    remedy.steps.forEach((step, at) => {
      console.log(`  ${at + 1}. ${terminalText(step)}`)
    })
    if (remedy.action !== null) console.log(`  Or: glasslog inspect --remedy ${id} [--apply]`)
    console.log(`  To verify: ${verify}`)
  }
}
