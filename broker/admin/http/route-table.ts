import type { AdminApp } from './admin-plugin.ts'

/** Which methods there are at which address, to tell a wrong method from a wrong address. */
export class RouteTable {
  readonly #methods = new Map<string, { readonly pattern: RegExp; readonly methods: Set<string> }>()

  /** Collects the routes that are added to `app` from now on. */
  constructor(app: AdminApp) {
    app.addHook('onRoute', ({ method, url }) => {
      const entry = this.#methods.get(url) ?? {
        pattern: patternOf(url),
        methods: new Set<string>(),
      }
      for (const one of [method].flat()) entry.methods.add(one)
      this.#methods.set(url, entry)
    })
  }

  methodsAt(path: string): readonly string[] {
    const found = [...this.#methods.values()].filter(({ pattern }) => pattern.test(path))
    return [...new Set(found.flatMap(({ methods }) => [...methods]))].sort()
  }
}

function patternOf(url: string): RegExp {
  const escaped = url.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`^${escaped.replace(/:\w+/g, '[^/]+')}/?$`)
}
