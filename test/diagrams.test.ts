// The diagrams of the documents render in a browser, with the library that git hosts use.
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { test } from 'tap'
import { page } from './support/browser.js'

const DOCS = fileURLToPath(new URL('../docs/', import.meta.url))
const MERMAID = createRequire(import.meta.url).resolve('@mermaid-js/tiny')

interface Mermaid {
  initialize (options: object): void
  render (id: string, text: string): Promise<{ svg: string }>
}

const diagrams = readdirSync(DOCS, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.md'))
  .flatMap(name => [...readFileSync(`${DOCS}${name}`, 'utf8').matchAll(/^```mermaid\n([^]*?)^```/gm)].map(match => ({ name, text: match[1] as string })))

test('every Mermaid diagram of the documents renders', async t => {
  const tab = await page(t)
  await tab.addScriptTag({ path: MERMAID })
  const render = async (text: string) => tab.evaluate(async source => {
    const { mermaid } = globalThis as unknown as { mermaid: Mermaid }
    mermaid.initialize({ startOnLoad: false })
    document.body.innerHTML = (await mermaid.render('diagram', source)).svg
    return [...document.querySelectorAll('.node')].map(node => node.textContent.trim())
  }, text)
  t.ok(diagrams.length > 0)
  for (const { name, text } of diagrams) {
    const nodes = await render(text)
    t.equal(nodes.length, new Set(text.match(/^ {2}\w+|--> \w+/gm)?.map(match => match.replace('--> ', '').trim()).filter(word => word !== 'flowchart')).size, name)
    t.ok(nodes.every(label => label !== ''), 'each with its text')
  }
  await t.rejects(render('flowchart TD\n  a --> {'), /Parse error|Syntax error|Lexical error/, 'a broken one would be found')
})
