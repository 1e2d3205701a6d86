// The page for a directory without an index file, when `list: true` asks for one.
import type { ListDir, ListFile } from '@fastify/static'
import { escape } from '../shared/text.js'
import { checkNames } from '../shared/file-gate.js'

/** Links are relative, so that they hold behind any prefix. Names that would be refused are left out. */
export function renderListing (dirs: ListDir[], files: ListFile[]): string {
  const rows = [...dirs.map(({ name }) => row(name, '/')), ...files.map(({ name }) => row(name, ''))]
  return `<!doctype html>
<html lang="en">
<head>
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
