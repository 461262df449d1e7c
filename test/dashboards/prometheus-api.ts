/** One series of an answer, at its last point. */
export interface AnsweredSeries {
  readonly metric: Readonly<Record<string, string>>
  readonly value: readonly [timeSeconds: number, text: string]
}

/** What a Prometheus, or the monitor that answers like one, says. */
export interface PrometheusApi {
  /** @throws Error with the server's words when it does not take the expression. */
  query(expression: string): Promise<readonly AnsweredSeries[]>
  labelValues(label: string, selector: string | null): Promise<readonly string[]>
  rules(): Promise<readonly ServedRule[]>
}

export interface ServedRule {
  readonly group: string
  readonly name: string
  readonly type: 'alerting' | 'recording'
  readonly query: string
  readonly health: string
  readonly lastError: string
}

interface RuleGroupJson {
  readonly name: string
  readonly rules: readonly {
    readonly name: string
    readonly type: 'alerting' | 'recording'
    readonly query: string
    readonly health: string
    readonly lastError?: string
  }[]
}

export function prometheusApi(url: string, token: string | null): PrometheusApi {
  const headers: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` }
  const ask = async (path: string, parameters: Record<string, string>): Promise<unknown> => {
    const answer = await fetch(`${url}/api/v1/${path}?${new URLSearchParams(parameters)}`, {
      headers,
    })
    const { status, error, data } = (await answer.json()) as {
      status?: string
      error?: string
      data: unknown
    }
    if (status !== 'success') throw new Error(error ?? `${path} was answered with ${answer.status}`)
    return data
  }
  return {
    async query(expression) {
      const data = (await ask('query', { query: expression })) as {
        resultType: string
        result: readonly AnsweredSeries[] | AnsweredSeries['value']
      }
      if (data.resultType !== 'scalar') return data.result as readonly AnsweredSeries[]
      return [{ metric: {}, value: data.result as AnsweredSeries['value'] }]
    },
    async labelValues(label, selector) {
      const match: Record<string, string> = selector === null ? {} : { 'match[]': selector }
      return (await ask(`label/${label}/values`, match)) as readonly string[]
    },
    async rules() {
      const { groups } = (await ask('rules', {})) as { groups: readonly RuleGroupJson[] }
      return groups.flatMap(({ name: group, rules }) =>
        rules.map((rule) => ({ ...rule, group, lastError: rule.lastError ?? '' })),
      )
    },
  }
}
