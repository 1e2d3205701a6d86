// Engines that say which templates they read. Each is an object of ours before that of the app, which is not changed.

/** Takes what is no path, too. */
export type Use = (path: unknown) => void

type Render = (...data: unknown[]) => unknown

interface Ejs {
  compile (text: string, options?: EjsOptions): Render
}
interface EjsOptions {
  readonly filename?: string
  includer? (original: string, parsed?: string): { readonly filename?: string, readonly template?: string } | null | undefined
}

function followEjs (ejs: Ejs, use: Use): Ejs {
  const compile: Ejs['compile'] = (text, options = {}) => {
    const includer: EjsOptions['includer'] = (original, parsed) => {
      const included = options.includer?.(original, parsed)
      use(included?.filename ?? parsed)
      return included
    }
    const { filename } = options
    const render = ejs.compile(text, { ...options, includer })
    return (...data) => {
      use(filename)
      return render(...data)
    }
  }
  return Object.create(ejs, { compile: { value: compile } }) as Ejs
}

interface Pug {
  compile (text: string, options?: { readonly filename?: string }): Render & { readonly dependencies: readonly string[] }
}

function followPug (pug: Pug, use: Use): Pug {
  const compile: Pug['compile'] = (text, options) => {
    const render = pug.compile(text, options)
    const { dependencies } = render
    const filename = options?.filename
    return Object.assign((...data: unknown[]) => {
      for (const path of [filename, ...dependencies]) use(path)
      return render(...data)
    }, { dependencies })
  }
  return Object.create(pug, { compile: { value: compile } }) as Pug
}

interface Eta {
  resolvePath (this: Eta, ...args: unknown[]): string
  configure (config: object): void
}

function followEta (eta: Eta, use: Use): Eta {
  function resolvePath (this: Eta, ...args: unknown[]): string {
    const path = eta.resolvePath.apply(this, args)
    use(path)
    return path
  }
  return Object.create(eta, { resolvePath: { value: resolvePath }, configure: { value: (config: object) => eta.configure(config) } }) as Eta
}

interface Environment {
  readonly loaders: unknown
  readonly opts: unknown
  getTemplate (...args: unknown[]): unknown
}
interface Nunjucks {
  readonly Environment: new (loaders: unknown, options: unknown) => Environment
  configure (...args: unknown[]): Environment
}

/** It asks for every template by `getTemplate()`, with or without a cache: at once, or by a callback. */
function followNunjucks (nunjucks: Nunjucks, use: Use): Nunjucks {
  const follow = (template: unknown): void => use((Object(template) as { path?: unknown }).path)
  class Following extends nunjucks.Environment {
    override getTemplate (...args: unknown[]): unknown {
      const followed = (done: (error: unknown, template: unknown) => void) => (error: unknown, template: unknown): void => {
        follow(template)
        done(error, template)
      }
      const found = super.getTemplate(...args.map(one => typeof one === 'function' ? followed(one as never) : one))
      follow(found)
      return found
    }
  }
  const configure: Nunjucks['configure'] = (...args) => {
    const { loaders, opts } = nunjucks.configure(...args)
    return new Following(loaders, opts)
  }
  return Object.create(nunjucks, { configure: { value: configure } }) as Nunjucks
}

/** By the names of @fastify/view. */
export const ENGINES = { ejs: followEjs, eta: followEta, nunjucks: followNunjucks, pug: followPug }
