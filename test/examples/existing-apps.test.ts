// docs/existing-apps.md: few lines for each app, and those of packages that npm has here are added, run, edited and seen in Chromium.
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Page } from 'playwright-core'
import { test, type Test } from 'tap'
import { type Edit, seeEdits } from '../support/edits.js'
import { example, freePort, run } from '../support/example.js'
import { type Folder, folder } from '../support/folder.js'

const guide = readFileSync(example('../docs/existing-apps.md'), 'utf8')
const sections = new Map(guide.split(/^## /m).slice(1).map(text => [text.slice(0, text.indexOf('\n')), text]))
const diffsOf = (section: string) => [...section.matchAll(/^```diff\n([^]*?)^```/gm)].map(match => match[1] as string)
const linesOf = (diff: string, ...marks: string[]) => diff.split('\n').filter(line => marks.includes(line.charAt(0))).map(line => line.slice(1)).join('\n')

/** The package as npm has it, in a folder of its own, with the lines of the guide. */
function copyApp (t: Test, name: string, file: string, port: number): Folder {
  const app = folder(t)
  const source = example(`../node_modules/${name}`)
  cpSync(source, app.path, { recursive: true })
  const { dependencies } = JSON.parse(readFileSync(app.at('package.json'), 'utf8')) as { dependencies: Record<string, string> }
  mkdirSync(app.at('node_modules/@fastify'), { recursive: true })
  for (const one of [...Object.keys(dependencies), 'fastify', 'ejs', 'fastify-live-reload']) {
    const path = app.at(`node_modules/${one}`)
    mkdirSync(dirname(path), { recursive: true })
    try {
      symlinkSync(one === 'fastify-live-reload' ? example('..') : example(`../node_modules/${one}`), path, 'junction')
    } catch (error) {
      // It came with a version of its own.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
  let text = readFileSync(app.at(file), 'utf8')
  for (const diff of diffsOf(sections.get(name) as string)) {
    t.ok(text.includes(linesOf(diff, ' ', '-')), `${file} has the lines around`)
    text = text.replace(linesOf(diff, ' ', '-'), () => linesOf(diff, ' ', '+'))
  }
  // Other tests run beside this one.
  writeFileSync(app.at(file), text.replace('port: 3000', `port: ${port}`))
  return app
}

const restarted = (tab: Page) => tab.waitForFunction(() => window.__liveReload?.state === 'open' && window.__liveReload !== window.first)
const hasMargin = (tab: Page) => tab.waitForFunction(() => getComputedStyle(document.querySelector('#my-button') as Element).marginTop === '7px')

const APPS: readonly [name: string, file: string, ...edits: Edit[]][] = [
  ['@fastify/static', 'example/server.js',
    { file: 'example/public/index.html', from: 'The button', to: 'The knob' },
    { file: 'example/public/index.css', from: 'margin-top: -14px', to: 'margin-top: 7px', shows: hasMargin, inPlace: true },
    { file: 'example/server.js', from: "level: 'trace'", to: "level: 'info'", shows: restarted }],
  ['@fastify/view', 'examples/example-ejs-with-some-options.js',
    { file: 'templates/index-linking-other-pages.ejs', from: 'Other EJS pages', to: 'More EJS pages' },
    { file: 'templates/layout.ejs', from: '<body>', to: '<body><p>around all pages</p>', shows: tab => tab.getByText('around all pages').waitFor() },
    { file: 'examples/example-ejs-with-some-options.js', from: 'Hello from EJS Templates', to: 'Hello from a new process' }]
]

for (const [name, file, ...edits] of APPS) {
  test(`${name}: its own example, with the lines of the guide`, async t => {
    const port = await freePort()
    const app = copyApp(t, name, file, port)
    await run(t, ['--watch', file], {}, app.path, /server listening (?:at|on) \S+/i)
    await seeEdits(t, app.path, `http://localhost:${port}`, ...edits)
  })
}

test('no app of the guide needs more than five lines', t => {
  const rows = [...guide.matchAll(/^\| \[[^\]]+\]\(#[\w-]+\) \| (\d+) \|/gm)].map(match => Number(match[1]))
  const counts = [...sections.values()].map(section => linesOf(diffsOf(section).join(''), '+').split('\n').length)
  t.strictSame(counts, rows)
  t.ok(counts.length >= 5, 'apps')
  t.ok(Math.max(...counts) <= 5 && Math.min(...counts) > 0, 'lines')
  t.end()
})
