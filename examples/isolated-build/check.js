// The `before` hook: a separate program. Lines such as `file:line:column: message` become diagnostics with a place.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const pages = process.argv[2]
let found = 0

for (const name of readdirSync(pages).filter(name => name.endsWith('.md'))) {
  for (const [i, line] of readFileSync(join(pages, name), 'utf8').split('\n').entries()) {
    const column = line.search(/\b(TBD|FIXME)\b/) + 1
    if (column === 0) continue
    found++
    console.log(`${join(pages, name)}:${i + 1}:${column}: error: this page is not finished`)
  }
}
process.exitCode = found === 0 ? 0 : 1
