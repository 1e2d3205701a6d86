// Hugo as a builder: each kind of its files edited, its lock among them, and its own words about a mistake.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { test } from 'tap'
import { checkRecipe } from '../examples/recipes/check.js'
import { HUGO } from '../examples/recipes/hugo.js'
import { systemProgram } from '../setup/system-program.js'
import { visit } from '../support/overlay.js'

const FOOTER = 'site/layouts/partials/footer.html'
/** The app says when a build starts, as one that is aborted is not in the log. */
const FILES = { ...HUGO.files, 'server.js': HUGO.files['server.js']?.replace('await app.listen', "app.liveReload.on('build:start', () => app.log.info('it starts'))\nawait app.listen") ?? '' }

test(HUGO.name, async t => {
  systemProgram('hugo')
  const { app, tab, running } = await checkRecipe(t, { ...HUGO, files: FILES })
  const count = (line: string) => running.output().split(line).length - 1
  // The first one, and that of the edit that undoes another.
  const builds = HUGO.edits.length + 2
  t.strictSame([count('it starts'), count('build \\"hugo\\" finished')], [builds, builds], 'one build for each edit, and none was aborted')
  t.ok(existsSync(app.at('site/.hugo_build.lock')), 'although Hugo keeps its lock among the sources')

  const overlay = await visit(tab, running.url)
  const text = readFileSync(app.at(FOOTER), 'utf8')
  writeFileSync(app.at(FOOTER), text.replace('</footer>', '{{ .Oops }}</footer>'))
  await overlay.opened()
  t.match(await overlay.text('.message'), /error building site: .*: can't evaluate field Oops in type/i)
  t.equal(await overlay.text('.place'), `${FOOTER}:1:23`)
  t.match(await overlay.text('.hit'), '{{ .Oops }}')
  writeFileSync(app.at(FOOTER), text.replace('Other footer', 'Mended footer'))
  await tab.getByText('Mended footer').waitFor()
  await overlay.closed()
})
