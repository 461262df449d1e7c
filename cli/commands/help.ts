import { processConfig } from '../process-config.ts'

interface CommandHelp {
  readonly usage: string
  readonly summary: string
  readonly details: readonly string[]
  readonly takesServerFlags: boolean
}

const COMMANDS: Readonly<Record<string, CommandHelp>> = {
  start: {
    usage: 'glasslog start [flags]',
    summary: 'start everything on this machine and keep it running',
    details: [
      'Runs the broker and the monitor, each in a process of its own, and starts them again should they crash.',
      'Prints one line when everything listens:',
      '  glasslog ready kafka=HOST:PORT admin=http://HOST:PORT console=http://HOST:PORT pid=N',
      'SIGINT and SIGTERM stop it cleanly within 10 seconds.',
    ],
    takesServerFlags: true,
  },
  broker: {
    usage: 'glasslog broker [flags]',
    summary: 'the broker alone, in this process',
    details: ['For an init system or a container that does the supervising itself.'],
    takesServerFlags: true,
  },
  monitor: {
    usage: 'glasslog monitor [flags]',
    summary: 'the monitor alone, in this process',
    details: [
      'Scrapes the broker that runs on --data-dir, keeps the series in DATA-DIR/monitor, and answers PromQL',
      'over the API of Prometheus at http://HOST:CONSOLE-PORT/api/v1, for Grafana, promtool and curl. Send a token',
      'of the broker, as Bearer or as the password of basic authentication.',
    ],
    takesServerFlags: true,
  },
  rules: {
    usage: 'glasslog rules check | test FILE...',
    summary: 'looks at rule files of Prometheus, or runs their tests',
    details: [
      'check: reads alerting and recording rules, and tells every fault with its line and column.',
      "test: runs tests in the format of promtool's `test rules`.",
      'Exits with 1 when there is a fault or a test fails. Needs no broker.',
    ],
    takesServerFlags: false,
  },
  inspect: {
    usage: 'glasslog inspect [flags]',
    summary: 'looks for what is wrong with the cluster, and says how to mend it',
    details: [
      'Asks the monitor that runs on --data-dir, or the one at --console URL --token TOKEN, to inspect now.',
      'docs/inspections.md lists what it looks at. Findings that are muted are not shown.',
      '',
      '  --severity SEVERITY        only from critical, important or advice on',
      '  --remedy ID                what the remedy of a finding would do, if it is one that the broker can carry out',
      '  --apply                    carries it out; a record of the history like any other',
      '  --json                     the answer as JSON',
      'Exit codes: 0 nothing found, 10 findings, 1 the inspection could not run.',
    ],
    takesServerFlags: false,
  },
  diagnose: {
    usage: 'glasslog diagnose group NAME | topic NAME | disk [flags]',
    summary: 'why a group lags, a topic is slow, or the disk fills',
    details: [
      'Asks the monitor that runs on --data-dir, or the one at --console URL --token TOKEN. Prints causes,',
      'the likeliest first, with what speaks for each and what to do.',
      '',
      '  --json                     the answer as JSON',
    ],
    takesServerFlags: false,
  },
  audit: {
    usage: 'glasslog audit list | show SEQ | state | diff A [B] | rewind | export | verify [flags]',
    summary: 'what was done to the cluster: who, what, when, from where, with what result',
    details: [
      'Asks the broker that runs on --data-dir, or the one at --admin URL --token TOKEN.',
      'When none runs on --data-dir, reads the directory itself. verify needs neither.',
      '',
      'list: the records that match',
      '  --from TIME --to TIME      RFC 3339',
      '  --principal NAME           such as User:alice',
      '  --operation CODE           such as topic.create, or topic.* for all that begin so',
      '  --resource NAME            a name, an id, or KIND:NAME',
      '  --outcome CODE             such as TOPIC_ALREADY_EXISTS, or success, or failure',
      '  --door kafka|http|cli|system',
      '  --address ADDRESS          where it came from',
      '  --q WORDS                  all of them anywhere in the record',
      '  --order newest|oldest      which come first (default newest)',
      '  --limit N                  at most N records (default 100)',
      '  --json                     one record a line as JSON',
      'show SEQ: one record with all that it has',
      '',
      'A moment is a sequence number or a time (RFC 3339).',
      'state: every resource as it was',
      '  --at MOMENT                default now',
      '  --kind KIND                such as topic',
      '  --json                     one resource a line as JSON',
      'diff A [B]: what differs between two moments (B: default now); --json',
      '',
      'rewind: takes operations back; shows the plan and asks first',
      '  --to MOMENT                everything since then',
      '  --undo SEQ,SEQ             or these operations alone',
      '  --kind KIND,KIND --name-prefix TEXT --principal NAME',
      '                             restrict it to these resources, or to what one did',
      '  --choose KEY=CHOICE,...    where somebody changed it since: keep, overwrite or skip',
      '  --reason TEXT              kept in the records',
      '  --dry-run                  the plan alone; --yes does not ask; --json',
      '',
      'export: the history as JSON lines',
      '  --format jsonl|cloudevents|ocsf   jsonl (the default) comes with proof, for verify',
      '  --from SEQ --to SEQ        the first record, and the first that is left out',
      '  --out FILE                 default standard output',
      '  cloudevents and ocsf also take the filters of list from --principal to --q',
      '',
      'verify: whether an export is what was signed; needs no broker and no network',
      '  --file FILE                default - (standard input)',
      '  --key KEY                  the verifier key, or the file it is in (audit/checkpoint.pub)',
      '  --checkpoint FILE          checkpoints that were kept elsewhere',
      '  --require-checkpoint       exit 21 when none was given',
      '  --json                     the report as JSON',
      '  Exit codes: 0 sound, 20 tampered (names the record), 21 sound but not shown to be',
      '  complete, 22 no record in it, 1 unreadable.',
    ],
    takesServerFlags: false,
  },
  events: {
    usage: 'glasslog events list | tail [flags]',
    summary: 'what happened that an operator would ask about, and what to do about it',
    details: [
      'Asks the broker that runs on --data-dir, or the one at --admin URL --token TOKEN.',
      'docs/events.md lists the kinds of events.',
      '',
      'list: those that match, newest first',
      'tail: those that come, until it is stopped (Ctrl-C); goes on where it was when the broker restarts',
      '  --kind KIND,KIND           or group-* for all that begin so',
      '  --severity SEVERITY        so severe, or more: info, warning, error',
      '  --resource NAME            a name, or KIND:NAME',
      '  --from TIME                RFC 3339; tail begins there instead of now',
      '  --q WORDS                  all of them anywhere in the event',
      '  --limit N                  at most N events (list: default 100; tail ends after them)',
      '  --json                     one event a line as JSON, with its remedy and facts',
      'list alone:',
      '  --to TIME                  told before',
      '  --order newest|oldest      which come first (default newest)',
      '  --cursor TEXT              goes on where a page ended',
      'tail ends with 0 when it is stopped, with 1 when the broker refuses it.',
    ],
    takesServerFlags: false,
  },
  backup: {
    usage: 'glasslog backup DIR [flags]',
    summary: 'a copy of all data as it is at one moment, of a running or stopped broker',
    details: [
      'Asks the broker that runs on --data-dir, or the one at --admin URL --token TOKEN, to hold a',
      'moment of all its data, and copies that to DIR on this machine. When none runs on --data-dir,',
      'copies the directory itself, whatever state a crash left it in. DIR must not exist or be empty.',
      'Every batch, the journal and the proof of the history are checked on the way; the backup is',
      'complete when its manifest.json is there. Producers go on meanwhile.',
      '',
      '  --rate BYTES               a second, such as 64M (the default beside a running broker), or max',
      '  --with-keys                secrets.key and audit/checkpoint.key too; whoever has them reads',
      '                             every secret and signs as the broker. Only with --data-dir',
      '  --reason TEXT              kept in the record of the backup',
      '  --verify                   only checks the backup that is in DIR',
      '  --json                     what it holds as JSON',
      'Exit codes: 0 complete (or sound), 1 failed (or damaged: names the file), 75 another process',
      'uses the data directory, 78 DIR is not empty.',
    ],
    takesServerFlags: false,
  },
  restore: {
    usage: 'glasslog restore DIR [flags]',
    summary: 'makes a data directory out of a backup',
    details: [
      'DIR is a backup. Everything in it is checked on the way, the history against its signed',
      'checkpoint. --data-dir must not exist or be empty; until the restore is complete, no broker',
      'starts on it. Start the broker on it as usual: it goes on where the backup ends.',
      '',
      '  --data-dir DIR             where to [./data]',
      '  --rate BYTES               a second, such as 64M; default max',
      '  --dry-run                  only checks the backup, writes nothing',
      'Exit codes: 0 restored (or sound), 1 the backup is damaged (names the file) or cannot be',
      'written, 75 another process uses the data directory, 78 it is not empty.',
    ],
    takesServerFlags: false,
  },
  'service-token': {
    usage: 'glasslog service-token NAME --out FILE [flags]',
    summary: 'an account for a program, such as Prometheus, and a file with its token',
    details: [
      'Asks the broker that runs on --data-dir, or the one at --admin URL --token TOKEN. A token that is',
      'in FILE and still works stays, so this can run before each start of the program.',
      '',
      '  --out FILE                 where the token goes',
      '  --mode MODE                permissions of FILE [0600]',
      '  --role ROLE                what the account may do, when it is made now [viewer]',
    ],
    takesServerFlags: false,
  },
  bench: {
    usage: 'glasslog bench [options]',
    summary: 'a load generator: records/s, latency, and what the broker used for it',
    details: [
      'Measures a broker of its own on a temporary directory, or one that runs; takes about a minute.',
      '',
      'Options:',
      '  --load NAME,NAME           only these loads; bench/README.md lists them',
      '  --seconds N                how long each load is measured, 1 to 600 (default 4)',
      '  --bootstrap HOST:PORT      a running broker',
      '  --dir DIR                  where the data goes while it runs',
      '  --json FILE                the figures as JSON, too',
    ],
    takesServerFlags: false,
  },
  version: {
    usage: 'glasslog version',
    summary: 'the release of Glasslog and of the Node.js that runs it',
    details: [],
    takesServerFlags: false,
  },
}

/** The text of `glasslog help`, or of `glasslog COMMAND --help`. */
export function renderHelp(commandName?: string): string {
  const command = commandName === undefined ? undefined : COMMANDS[commandName]
  return command ? renderCommand(command) : renderOverview()
}

function renderOverview(): string {
  const width = Math.max(...Object.keys(COMMANDS).map((name) => name.length))
  const rows = Object.entries(COMMANDS).map(
    ([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`,
  )
  return [
    'Glasslog: a Kafka-compatible broker you can see through.',
    '',
    'Usage: glasslog COMMAND [flags]     (npm start -- [flags] is glasslog start)',
    '',
    ...rows,
    '',
    'glasslog COMMAND --help says more. Exit codes: 0 fine, 1 failed, 64 wrong usage,',
    '75 data directory in use by another process, 78 wrong configuration.',
  ].join('\n')
}

function renderCommand(command: CommandHelp): string {
  const flags = command.takesServerFlags ? ['', ...renderServerFlags()] : []
  return [`Usage: ${command.usage}`, '', ...command.details, ...flags].join('\n')
}

function renderServerFlags(): string[] {
  const rows = processConfig.names.flatMap((name) => {
    const row = processConfig.row(name)
    if (!row) return []
    const shown = row.default === null ? '' : ` [${row.default}]`
    return [`  --${name} ${row.type.toUpperCase()}${shown}`, `      ${row.doc}`]
  })
  return [
    'Flags (each also as a key in the config file and as GLASSLOG_NAME in the environment;',
    'flag > environment > file > default):',
    ...rows,
    '  --config FILE [./glasslog.yaml, if there]',
    "      YAML. Kafka's own broker configs stand in it under `broker:`.",
    '  --override NAME=VALUE',
    "      Sets one of Kafka's broker configs, such as log.retention.hours=24. Repeatable.",
  ]
}
