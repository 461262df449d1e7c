/** What `npm start` started, as those who use it and look after it reach it. */
export interface Stage {
  /** A listener that lets everybody on this machine in. */
  readonly kafkaAddress: string
  /** A listener that asks for a login by PLAIN. */
  readonly loginAddress: string
  readonly adminUrl: string
  readonly consoleUrl: string
  /** Asks the admin API, or with a whole address whoever is there, as root. */
  call(method: string, path: string, body?: object): Promise<unknown>
}

/** Something that breaks in front of everybody, and what must be there about it soon after. */
export interface Incident {
  readonly name: string
  /** Labels of the alert that fires. */
  readonly alert: Readonly<Record<string, string>>
  /** What its healthy twin would have; nobody is told of that one. */
  readonly twin: Readonly<Record<string, string>> | null
  /** What an inspection finds, and at which resource. */
  readonly finding: { readonly check: string; readonly resource: string }
  /** What works until then. */
  prepare?(stage: Stage): Promise<void>
  /** Breaks it. */
  cause(stage: Stage): Promise<void>
  /** Ends what goes on. */
  end?(): Promise<void>
}
