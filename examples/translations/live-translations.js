// A plugin of the app: when a file of translations changes, open pages get the new texts in place, without a reload.
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import fp from 'fastify-plugin'

async function liveTranslations (app, { folder }) {
  const read = async lang => JSON.parse(await readFile(join(folder, `${lang}.json`), 'utf8'))
  app.decorate('translations', read)

  app.liveReload.watch(folder, async changes => {
    for (const { path, type } of changes) {
      if (type === 'delete' || !path.endsWith('.json')) continue
      const lang = basename(path, '.json')
      // For a broken file this rejects: live reload logs the error, and pages keep their texts.
      app.liveReload.send('translations', { lang, texts: await read(lang) })
    }
  })

  app.liveReload.transform(html => html.replace('</body>', '<script src="/assets/translations.js" defer></script></body>'))
}

export default fp(liveTranslations, { name: 'live-translations', dependencies: ['fastify-live-reload'] })
