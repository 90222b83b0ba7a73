import type { Api } from '../context.js'

interface Template {
  /** `:name` stands for any one. */
  readonly segments: readonly string[]
  readonly methods: Set<string>
}

/** Which methods a path has. Tell it of the application before routes are added. */
export class Methods {
  readonly #templates = new Map<string, Template>()

  watch(app: Api): void {
    app.addHook('onRoute', ({ url, method }) => {
      // What files there are is not known here.
      if (url.includes('*')) return
      const template = this.#templates.get(url) ?? { segments: url.split('/'), methods: new Set() }
      this.#templates.set(url, template)
      for (const name of [method].flat()) template.methods.add(name)
    })
  }

  /** In order; none: there is no such path. A path that is written out comes before one with parameters, as in OpenAPI. */
  of(path: string): string[] {
    const segments = path.split('/')
    let found: Template | undefined
    for (const template of this.#templates.values())
      if (matches(template, segments) && (found === undefined || isNearer(template, found))) found = template
    return [...(found?.methods ?? [])].sort()
  }
}

const isParameter = (segment: string | undefined): boolean => segment?.startsWith(':') === true

const matches = ({ segments: own }: Template, segments: readonly string[]): boolean =>
  own.length === segments.length && own.every((segment, i) => (isParameter(segment) ? segments[i] !== '' : segment === segments[i]))

/** Both match the same path: at the first difference one has a parameter. */
function isNearer({ segments }: Template, than: Template): boolean {
  const first = segments.findIndex((segment, i) => isParameter(segment) !== isParameter(than.segments[i]))
  return first >= 0 && !isParameter(segments[first])
}
