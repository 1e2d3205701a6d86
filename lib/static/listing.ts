// The page for a directory without an index file, when `list: true` asks for one.
import type { ListDir, ListFile } from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import { checkNames } from '../shared/file-gate.js'
import { pageHeaders } from '../shared/own-routes.js'
import { escape } from '../shared/text.js'

const HEADERS = pageHeaders()
const START = '<!doctype html>\n<html lang="en" data-listing>\n'

/** Gives the listings of a scope their headers; a policy of the app stays. @fastify/static offers no place for them. */
export function guardListings (scope: FastifyInstance): void {
  scope.addHook('onSend', (_request, reply, payload: unknown, done) => {
    if (typeof payload === 'string' && payload.startsWith(START)) {
      for (const [name, value] of Object.entries(HEADERS)) if (!reply.hasHeader(name) && !reply.raw.hasHeader(name)) reply.header(name, value)
    }
    done(null, payload)
  })
}

/** Links are relative, so that they hold behind any prefix. Names that would be refused are left out. */
export function renderListing (dirs: ListDir[], files: ListFile[]): string {
  const rows = [...dirs.map(({ name }) => row(name, '/')), ...files.map(({ name }) => row(name, ''))]
  return `${START}<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Index</title>
</head>
<body>
<h1>Index</h1>
<ul>
<li><a href="../">../</a></li>
${rows.join('')}</ul>
</body>
</html>
`
}

function row (name: string, end: string): string {
  if (checkNames([name]) !== undefined) return ''
  return `<li><a href="./${encodeURIComponent(name)}${end}">${escape(name)}${end}</a></li>\n`
}
