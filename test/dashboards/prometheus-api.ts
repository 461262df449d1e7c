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
  /** Ids of the traces behind the series of an expression, of the last hour. */
  traceIds(expression: string): Promise<readonly string[]>
}

interface ExemplarsJson {
  readonly exemplars: readonly { readonly labels: Readonly<Record<string, string>> }[]
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
    async traceIds(expression) {
      const nowSeconds = Date.now() / 1000
      const data = (await ask('query_exemplars', {
        ...{ query: expression, start: String(nowSeconds - 3600), end: String(nowSeconds + 60) },
      })) as readonly ExemplarsJson[]
      const labels = data.flatMap(({ exemplars }) => exemplars.map((exemplar) => exemplar.labels))
      return labels.flatMap(({ trace_id: id }) => (id === undefined ? [] : [id]))
    },
    async rules() {
      const { groups } = (await ask('rules', {})) as { groups: readonly RuleGroupJson[] }
      return groups.flatMap(({ name: group, rules }) =>
        rules.map((rule) => ({ ...rule, group, lastError: rule.lastError ?? '' })),
      )
    },
  }
}
