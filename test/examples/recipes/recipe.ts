// What a recipe is: files of a small app, the command that starts it, and edits with what a tab has to make of each.

/** `update`: shown in place. `reload`: the page is loaded again. `restart`: the same, from another process. */
export type How = 'update' | 'reload' | 'restart'

export interface Edit {
  readonly file: string
  /** Without it the file is new. */
  readonly from?: string
  readonly to: string
  /** A condition in the page. By default `to` is in its text. */
  readonly shows?: string
  readonly how: How
}

export interface Recipe {
  /** Its row in docs/recipes.md. */
  readonly name: string
  readonly files: Readonly<Record<string, string>>
  /** A program of `node_modules/.bin`, node or npm, with its arguments. */
  readonly start: string
  /** What it has printed when no start of its own comes any more: by default an address. */
  readonly ready?: RegExp
  /** The program of `node_modules/.bin` that watches the code: by default the one that is started. */
  readonly watcher?: string
  /** The page that the tab shows: by default `/`. */
  readonly path?: string
  /** One for each kind of file. The first one is undone at the end. */
  readonly edits: readonly [Edit, ...Edit[]]
}

/** A file, line by line. */
export const lines = (...text: readonly string[]): string => `${text.join('\n')}\n`

/** The module of an app with these imports and this body. */
export const server = (imports: readonly string[], body: readonly string[]): string => lines(
  "import Fastify from 'fastify'",
  "import liveReload from 'fastify-live-reload'",
  ...imports,
  '',
  'const app = Fastify({ logger: true })',
  ...body,
  'await app.listen({ port: process.env.PORT ?? 3000 })'
)

/** A page with a style sheet. It asks for no icon. */
export const html = (body = '<h1>First page</h1>', head = ''): string =>
  `<!doctype html><html><head><meta charset="utf-8"><title>Recipe</title><link rel="icon" href="data:,"><link rel="stylesheet" href="/style.css">${head}</head><body>${body}</body></html>`

/** A statement that answers with a page. */
export const sendPage = (body?: string): string => `reply.type('text/html').send(\`${html(body)}\`)`

export const STYLE = 'h1 { color: green }\n'

/** The heading gets another color in place. */
export const restyle = (file = 'public/style.css'): Edit =>
  ({ file, from: 'green', to: 'coral', shows: 'getComputedStyle(document.querySelector("h1")).color === "rgb(255, 127, 80)"', how: 'update' })
